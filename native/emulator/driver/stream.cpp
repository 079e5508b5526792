/* The queue of a stream and its thread. */
#include "stream.h"

#include <thread>
#include <utility>

#include "../runtime/signals.h"

namespace pb::emulated {

bool Point::reached() const { return stream == nullptr || stream->reached(ticket); }

void Point::wait() const {
    if (stream != nullptr) {
        stream->wait(ticket);
    }
}

Point Stream::submit(std::function<void()> work, std::vector<Point> after) {
    const std::lock_guard lock(mutex_);
    queue_.push_back({std::move(work), std::move(after)});
    if (!started_) {
        started_ = true;
        std::thread([self = shared_from_this()] { self->run(); }).detach();
    }
    wake_.notify_one();
    return {shared_from_this(), ++submitted_};
}

Point Stream::last() {
    const std::lock_guard lock(mutex_);
    return {shared_from_this(), submitted_};
}

bool Stream::reached(uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    return done_ >= ticket;
}

void Stream::wait(uint64_t ticket) {
    std::unique_lock lock(mutex_);
    progress_.wait(lock, [&] { return done_ >= ticket; });
}

void Stream::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    wake_.notify_one();
}

void Stream::run() {
    block_process_signals();
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [&] { return !queue_.empty() || closed_; });
        if (queue_.empty()) {
            return;
        }
        Item item = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        for (const Point &point : item.after) {
            point.wait();
        }
        item.work();
        item = {}; /* what it holds goes before anybody sees it done */
        lock.lock();
        ++done_;
        progress_.notify_all();
    }
}

} // namespace pb::emulated
