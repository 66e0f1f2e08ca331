// SPDX-License-Identifier: BSL-1.0
//
// chunk: small records travel between sinks a few thousand at a time, so that steps on them vectorise.

#pragma once

#include <tidemark/core/chunkable.hpp>
#include <tidemark/core/owner.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <utility>

namespace tidemark {

/// How many records a chunk holds at most: few enough to keep the buffers of several steps in the second-level cache.
inline constexpr std::size_t chunk_records = 4096;

/// A sink that takes chunks of `Record`.
template <typename Sink, typename Record>
concept chunk_sink =
    chunkable<Record> && requires(Sink& sink, std::span<Record const> records) { sink.chunk(records); };

/// Gives a chunk to a sink; one that takes single records gets them one by one until it is done.
template <typename Sink, typename Record>
constexpr void push_chunk(Sink& next, std::span<Record const> records)
{
    if constexpr (chunk_sink<Sink, Record>)
        next.chunk(records);
    else
        for (auto const& record : records) {
            if (next.done())
                return;
            next(record);
        }
}

/// Memory for one chunk of `Record`, allocated at its first use.
template <chunkable Record>
class chunk_buffer {
public:
    /// Uninitialised memory for `chunk_records` records. *Throws* `std::bad_alloc`.
    [[nodiscard]] Record* data()
    {
        if (!room_)
            room_ = owner<place[]>(new (std::nothrow) place[chunk_records]);
        if (!room_)
            throw std::bad_alloc();
        return std::launder(reinterpret_cast<Record*>(room_.get()));
    }

private:
    struct alignas(Record) place {
        std::byte bytes[sizeof(Record)];
    };

    owner<place[]> room_;
};

/// A `chunk_buffer<Out>` where both kinds of record travel in chunks; else nothing.
template <typename Out, typename In>
struct chunk_buffer_for {};

template <chunkable Out, chunkable In>
struct chunk_buffer_for<Out, In> : chunk_buffer<Out> {};

/// Gathers single records into chunks for a `Next` that takes them.
template <typename Record, typename Next>
class chunk_filler {
public:
    template <typename Value>
    void push(Next& next, Value&& value)
    {
        std::construct_at(buffer_.data() + filled_, std::forward<Value>(value));
        if (++filled_ == chunk_records)
            flush(next);
    }

    void flush(Next& next)
    {
        if (filled_ == 0)
            return;
        auto const filled = std::exchange(filled_, 0);
        next.chunk(std::span<Record const>(buffer_.data(), filled));
    }

    /// Whether `next` is done, which can only have changed with the last chunk.
    [[nodiscard]] bool done(Next const& next) const { return filled_ == 0 && next.done(); }

private:
    chunk_buffer<Record> buffer_;
    std::size_t filled_ = 0;
};

/// Passes single records straight on, for a `Next` that takes them.
struct chunk_passer {
    template <typename Next, typename Value>
    void push(Next& next, Value&& value)
    {
        next(std::forward<Value>(value));
    }

    template <typename Next>
    void flush(Next&)
    {}

    template <typename Next>
    [[nodiscard]] bool done(Next const& next) const
    {
        return next.done();
    }
};

/// A `chunk_filler` or a `chunk_passer`, whichever `Next` needs.
template <typename Record, typename Next>
struct chunk_filler_for : chunk_passer {};

template <typename Record, chunk_sink<Record> Next>
struct chunk_filler_for<Record, Next> : chunk_filler<Record, Next> {};

} // namespace tidemark
