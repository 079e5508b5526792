/*
 * A stream: its work runs in order on a thread of its own, which starts with the first work and ends with the stream.
 * Work is known by its ticket, 1, 2, ...; ticket 0 is done from the start.
 */
#ifndef PATCHBAY_EMULATOR_STREAM_H
#define PATCHBAY_EMULATOR_STREAM_H

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace pb::emulated {

class Stream;

/* A point in a stream's order. */
struct Point {
    std::shared_ptr<Stream> stream;
    uint64_t ticket = 0;

    bool reached() const;
    void wait() const;
};

class Stream : public std::enable_shared_from_this<Stream> {
  public:
    /* A blocking stream keeps order with the legacy stream. */
    explicit Stream(bool is_blocking) : blocking(is_blocking) {}
    Stream(const Stream &) = delete;
    Stream &operator=(const Stream &) = delete;

    const bool blocking;

    /* Appends work that starts after all work before it and after the points. Its point. */
    Point submit(std::function<void()> work, std::vector<Point> after = {});
    /* The point of the last work. */
    Point last();
    bool reached(uint64_t ticket);
    void wait(uint64_t ticket);
    /* The thread ends when it has done what was submitted. */
    void close();

  private:
    struct Item {
        std::function<void()> work;
        std::vector<Point> after;
    };

    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable progress_;
    std::deque<Item> queue_;
    uint64_t submitted_ = 0;
    uint64_t done_ = 0;
    bool started_ = false;
    bool closed_ = false;
};

/* What an event last recorded: a point, and the time at which the stream came there. */
struct Moment {
    Point point;
    std::chrono::steady_clock::time_point time;
};

struct Event {
    explicit Event(bool is_timed) : timed(is_timed) {}
    const bool timed;
    std::shared_ptr<Moment> moment; /* null before the first record */
};

} // namespace pb::emulated

#endif
