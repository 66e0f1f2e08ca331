// SPDX-License-Identifier: BSL-1.0
//
// block_compression: a way to make the state smaller that a checkpoint keeps, and the ways that a storage is given.

#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// A way to compress bytes, as `zstd_compression` and `lz4_compression` are; files name it by its `id`.
///
/// | member | meaning |
/// | --- | --- |
/// | `id` | which one it is, for good: 1 and 2 are the library's, 0 is none, and a program's own begin with 256 |
/// | `name` | for messages |
/// | `compress(from, to)` | puts `from` into the first bytes of `to`; says how many these are, or 0 when `to` is too small |
/// | `decompress(from, to)` | fills `to` with what `from`, all of it, was made of; false when it was made of anything else |
///
/// `from` is not empty and has at most 1 MiB, or comes of so much; `decompress` may be given any bytes at all, and writes
/// nowhere but in `to`.
///
/// *Threads*: all calls, at once.
template <typename C>
concept block_compression = std::copy_constructible<C> && (C::id != 0)
                            && requires(C const& some, std::span<std::byte const> from, std::span<std::byte> to) {
                                   { C::id } -> std::convertible_to<std::uint16_t>;
                                   { C::name } -> std::convertible_to<std::string_view>;
                                   { some.compress(from, to) } -> std::same_as<std::size_t>;
                                   { some.decompress(from, to) } -> std::same_as<bool>;
                               };

/// One way to write blocks, or none, and all ways in which they can be read.
///
/// *Threads*: those that do not change it, at once.
class block_compressions {
public:
    /// One of them.
    class way {
    public:
        way() = default;
        way(way const&) = delete;
        way& operator=(way const&) = delete;
        virtual ~way() = default;
        /// As of the `block_compression`, with the other calls.
        [[nodiscard]] virtual std::uint16_t id() const = 0;
        [[nodiscard]] virtual std::string_view name() const = 0;
        [[nodiscard]] virtual std::size_t compress(std::span<std::byte const> from, std::span<std::byte> to) const = 0;
        [[nodiscard]] virtual bool decompress(std::span<std::byte const> from, std::span<std::byte> to) const = 0;
    };

    /// What `some` has compressed is read from now on. Takes the place of another one with its number.
    template <block_compression Compression>
    void read_with(Compression some)
    {
        // It comes first, so it is found. Those before stay: one of them may be the writer.
        ways_.insert(ways_.begin(), std::make_shared<model<Compression>>(std::move(some)));
    }

    /// The same, and what is written is compressed by it.
    template <block_compression Compression>
    void write_with(Compression some)
    {
        read_with(std::move(some));
        writer_ = ways_.front().get();
    }

    /// Null: what is written stays as it is.
    [[nodiscard]] way const* writer() const { return writer_; }

    /// Null: there is none of that number.
    [[nodiscard]] way const* find(std::uint16_t id) const
    {
        for (auto const& each : ways_)
            if (each->id() == id)
                return each.get();
        return nullptr;
    }

private:
    template <typename Compression>
    struct model final : way {
        explicit model(Compression&& made)
            : some(std::move(made))
        {}
        std::uint16_t id() const override { return Compression::id; }
        std::string_view name() const override { return Compression::name; }
        std::size_t compress(std::span<std::byte const> from, std::span<std::byte> to) const override
        {
            return some.compress(from, to);
        }
        bool decompress(std::span<std::byte const> from, std::span<std::byte> to) const override
        {
            return some.decompress(from, to);
        }

        Compression some;
    };

    std::vector<std::shared_ptr<way const>> ways_;
    way const* writer_ = nullptr; // one of them
};

} // namespace tidemark
