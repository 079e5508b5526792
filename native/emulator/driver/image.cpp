/* Sizes and names of images; cuLibraryLoadData gets no size, so each format has to tell its own. */
#include "image.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>

namespace pb::emulated {

namespace {

template <class T> T field(const char *image, size_t offset) {
    T value;
    std::memcpy(&value, image + offset, sizeof(value));
    return value;
}

constexpr uint32_t kFatbinMagic = 0xba55ed50;
constexpr uint64_t kCompressed = 0xa000; /* flags of an entry: LZ4 or zstd */

/* A header of {magic, version:16, header size:16, size:64}, then entries. */
std::string_view fatbin(const char *image) {
    const auto header = field<uint16_t>(image, 6);
    const size_t end = header + field<uint64_t>(image, 8);
    for (size_t at = header; at + 48 <= end;) {
        if ((field<uint64_t>(image, at + 40) & kCompressed) != 0) {
            return {};
        }
        at += field<uint32_t>(image, at + 4) + field<uint64_t>(image, at + 8);
    }
    return {image, end};
}

/* The tables of an ELF file of 64 bits: the end of the last section or header table. */
std::string_view cubin(const char *image) {
    const auto sections = field<uint64_t>(image, 40);
    const auto section_size = field<uint16_t>(image, 58);
    const auto section_count = field<uint16_t>(image, 60);
    uint64_t end = sections + uint64_t{section_size} * section_count;
    for (uint16_t i = 0; i < section_count; ++i) {
        const size_t section = sections + uint64_t{section_size} * i;
        constexpr uint32_t kNoBits = 8;
        if (field<uint32_t>(image, section + 4) != kNoBits) {
            end = std::max(end, field<uint64_t>(image, section + 24) + field<uint64_t>(image, section + 32));
        }
    }
    return {image, end};
}

bool in_a_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

} // namespace

std::string_view searchable_image(const void *memory) {
    const char *image = static_cast<const char *>(memory);
    if (std::strncmp(image, "\177ELF\2", 5) == 0) {
        return cubin(image);
    }
    if (std::strncmp(image, ".version", 8) == 0 || std::strncmp(image, "//", 2) == 0) {
        return {image};
    }
    const uint32_t magic = kFatbinMagic;
    return std::strncmp(image, reinterpret_cast<const char *>(&magic), 4) == 0 ? fatbin(image) : std::string_view{};
}

/* In an ELF file a kernel stands as ".text.<name>", so that a dot may come before it. */
bool names_kernel(std::string_view image, std::string_view name) {
    for (size_t at = image.find(name); at != std::string_view::npos; at = image.find(name, at + 1)) {
        const bool begins = at == 0 || !in_a_name(image[at - 1]);
        const bool ends = at + name.size() == image.size() || !in_a_name(image[at + name.size()]);
        if (begins && ends) {
            return true;
        }
    }
    return false;
}

} // namespace pb::emulated
