// SPDX-License-Identifier: BSL-1.0
//
// descriptor: waiting on file descriptors, and lines from them, without missing the call to stop.

#pragma once

#include <tidemark/core/chrono.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/sources/receive_buffer.hpp>
#include <tidemark/storage/line_cutter.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace tidemark::detail {

[[nodiscard]] inline std::string system_words(int number) { return std::generic_category().message(number); }

/// A descriptor that is closed at the end.
class owned_descriptor {
public:
    explicit owned_descriptor(int descriptor = -1)
        : descriptor_(descriptor)
    {}
    owned_descriptor(owned_descriptor&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1))
    {}
    owned_descriptor& operator=(owned_descriptor&& other) noexcept
    {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~owned_descriptor()
    {
        if (descriptor_ >= 0)
            ::close(descriptor_);
    }

    [[nodiscard]] int get() const { return descriptor_; }

private:
    int descriptor_;
};

/// Wakes a thread out of `poll` when a stop is requested.
class stop_event {
public:
    explicit stop_event(std::stop_token stop)
        : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
        , on_stop_(std::move(stop), raise{event_.get()})
    {
        if (event_.get() < 0)
            throw source_error("cannot make an event descriptor: " + system_words(errno));
    }

    /// Waits until `events` happen on `descriptor` (none when it is negative): true; until a stop is requested, or the
    /// time is over: false.
    [[nodiscard]] bool wait(int descriptor, short events, std::optional<std::chrono::milliseconds> limit = {}) const
    {
        using clock = std::chrono::steady_clock;
        constexpr std::chrono::milliseconds longest = std::chrono::years(30); // so that the sum fits
        auto const until = clock::now() + std::min(limit.value_or(std::chrono::milliseconds(0)), longest);
        for (;;) {
            int timeout = -1;
            if (limit) {
                auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
                timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000'000));
            }
            pollfd watched[] = {{event_.get(), POLLIN, 0}, {descriptor, events, 0}};
            int const happened = ::poll(watched, 2, timeout);
            if (happened < 0 && errno == EINTR)
                continue;
            if (happened < 0)
                throw source_error("cannot wait for input: " + system_words(errno));
            return watched[0].revents == 0 && watched[1].revents != 0;
        }
    }

private:
    struct raise {
        int event;
        void operator()() const noexcept
        {
            std::uint64_t const one = 1;
            (void)!::write(event, &one, sizeof one); // a full counter has woken already
        }
    };

    owned_descriptor event_;
    std::stop_callback<raise> on_stop_;
};

/// Gathers lines and counts what they hold.
template <typename Line>
struct line_gatherer {
    std::vector<Line> lines{};
    std::size_t bytes = 0;

    bool operator()(std::string&& line)
    {
        bytes += sizeof(std::string) + line.size();
        lines.push_back(std::move(line));
        return true;
    }

    /// Hands over what was gathered.
    void deliver(receive_buffer<Line>& buffer, std::stop_token const& stop)
    {
        if (!lines.empty())
            buffer.add(std::exchange(lines, {}), std::exchange(bytes, 0), stop);
    }
};

/// Reads lines into `buffer` until the input ends: true; or a stop is requested: false. A line at the end needs no
/// newline.
///
/// *Throws* `source_error` when reading fails, and for a line of more than `longest` bytes; a line that only began is
/// dropped then.
template <typename Line>
[[nodiscard]] bool receive_lines(int descriptor, stop_event const& stopping, std::stop_token const& stop,
                                 std::size_t longest, receive_buffer<Line>& buffer)
{
    constexpr std::size_t block_bytes = std::size_t{64} << 10U;
    owner<char[]> const block(new char[block_bytes]);
    line_cutter cutter;
    line_gatherer<Line> lines;
    while (stopping.wait(descriptor, POLLIN)) {
        auto const got = ::read(descriptor, block.get(), block_bytes);
        if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
            continue;
        if (got < 0)
            throw source_error("cannot read: " + system_words(errno));
        if (got == 0) {
            cutter.finish(lines);
            lines.deliver(buffer, stop);
            return true;
        }
        cutter.cut(std::string_view(block.get(), static_cast<std::size_t>(got)), lines);
        lines.deliver(buffer, stop);
        if (cutter.begun() > longest)
            throw source_error("expected lines of at most " + std::to_string(longest) + " bytes; found no newline in "
                               + std::to_string(cutter.begun())
                               + ". Raise buffer_bytes if the lines are really so long");
    }
    return false;
}

} // namespace tidemark::detail
