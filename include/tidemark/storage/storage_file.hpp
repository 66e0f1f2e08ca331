// SPDX-License-Identifier: BSL-1.0
//
// storage_file: a new file, open for appending, of any storage.

#pragma once

#include <tidemark/core/owner.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace tidemark {

/// A new file, open for writing at its end. It is closed on destruction, which never throws and syncs nothing.
///
/// `append` writes all the bytes or throws `storage_error`. After that some of them may be in the file, so nothing more
/// is appended to it: each later `append` throws, while `sync` still makes durable what was appended before. `sync`
/// returns when the bytes (not the name: see `storage`) survive a loss of power. **A sync that fails is final**: each
/// later call throws, as the system may have dropped what it could not write and would report success the next time.
/// `size` is the number of bytes known to be in the file.
/// *Threads*: one call at a time.
template <typename File>
concept writable_file =
    std::movable<File> && requires(File& file, File const& constant, std::span<std::byte const> bytes) {
        file.append(bytes);
        file.sync();
        { constant.size() } -> std::same_as<std::uint64_t>;
    };

/// A file that can be written past the page cache of the system: `write_direct()`, called before anything is appended,
/// gives the length of a page in bytes, or 0 when the file system refuses, and all goes on as before.
///
/// What is appended then reaches the file in whole pages, as it comes, in a thread of the file's own, or with the next
/// `sync`, so a reader may not see the last of it before, and what cannot be written may be told by a later `append` or by
/// `sync`. **A sync at whose time `size` is no multiple of a page ends this**: the rest, and all after it, goes through the
/// cache, as no page that was synced is written again. Who wants to go on appends zeros up to the next page first.
template <typename File>
concept direct_file = writable_file<File> && requires(File& file) {
    { file.write_direct() } -> std::same_as<std::size_t>;
};

/// What stands before other bytes in a file and is known only when they have been seen, as their checksum is.
class late_front {
public:
    /// The length of what is seen at a time, but for the last piece.
    static constexpr std::size_t piece_bytes = std::size_t{128} << 10U;

    late_front() = default;
    late_front(late_front const&) = delete;
    late_front& operator=(late_front const&) = delete;
    virtual ~late_front() = default;

    /// How long it will be: at most a page.
    [[nodiscard]] virtual std::size_t size() const = 0;
    /// Takes the next piece of what it stands before.
    virtual void see(std::span<std::byte const> piece) = 0;
    /// What it is, once all was seen.
    [[nodiscard]] virtual std::span<std::byte const> bytes() = 0;
};

/// A `direct_file` that writes bytes while `front`, which stands before them, still looks at those behind:
/// `append_late(front, rest)` appends `front` and `rest`, or does nothing and gives false, where that is of no use. It
/// fails as an `append`.
template <typename File>
concept late_front_file =
    direct_file<File> && requires(File& file, late_front& front, std::span<std::byte const> rest) {
        { file.append_late(front, rest) } -> std::same_as<bool>;
    };

/// A file in which room can be made for what will be appended: `reserve(size)` writes zeros behind its bytes, until it is
/// `size` long, and later appends take their place. So they make the file no longer, and a sync has to write no more than
/// the bytes. A reader sees the zeros; `size()` does not count them.
///
/// They are durable with the next `sync`. When it throws `storage_error`, some may be there; the file is good for all else.
/// *Requires* that the file is not written past the cache.
template <typename File>
concept reserving_file = writable_file<File> && requires(File& file, std::uint64_t size) { file.reserve(size); };

namespace detail {

/// Makes room in `file`; false where it is no `reserving_file`.
template <writable_file File>
bool reserve(File& file, std::uint64_t size)
{
    if constexpr (requires {
                      { file.reserve(size) } -> std::same_as<bool>;
                  }) {
        return file.reserve(size);
    } else if constexpr (reserving_file<File>) {
        file.reserve(size);
        return true;
    } else {
        return false;
    }
}

/// Asks `file` to be written past the cache; 0 where it is no `direct_file`, or refuses.
template <writable_file File>
[[nodiscard]] std::size_t write_direct(File& file)
{
    if constexpr (direct_file<File>)
        return file.write_direct();
    else
        return 0;
}

/// Asks `file` to write `rest` while `front` looks at it; false where it is no `late_front_file`, or has no use for that.
template <writable_file File>
[[nodiscard]] bool append_late(File& file, late_front& front, std::span<std::byte const> rest)
{
    if constexpr (late_front_file<File>)
        return file.append_late(front, rest);
    else
        return false;
}

} // namespace detail

/// A `writable_file` of whatever type. *Requires*, for each call, that it was not moved from.
class storage_file {
public:
    template <typename File>
        requires(!std::same_as<File, storage_file> && writable_file<File>)
    explicit storage_file(File file)
        : file_(make_owner<model<File>>(std::move(file)))
    {}

    void append(std::span<std::byte const> bytes) { file_->append(bytes); }
    void sync() { file_->sync(); }
    /// 0 where the file is no `direct_file`.
    [[nodiscard]] std::size_t write_direct() { return file_->write_direct(); }
    /// False where the file is no `late_front_file`, or has no use for that.
    [[nodiscard]] bool append_late(late_front& front, std::span<std::byte const> rest)
    {
        return file_->append_late(front, rest);
    }
    /// False where the file is no `reserving_file`.
    bool reserve(std::uint64_t size) { return file_->reserve(size); }
    [[nodiscard]] std::uint64_t size() const { return file_->size(); }

private:
    struct interface {
        interface() = default;
        interface(interface const&) = delete;
        interface& operator=(interface const&) = delete;
        virtual ~interface() = default;
        virtual void append(std::span<std::byte const> bytes) = 0;
        virtual void sync() = 0;
        [[nodiscard]] virtual std::size_t write_direct() = 0;
        [[nodiscard]] virtual bool append_late(late_front& front, std::span<std::byte const> rest) = 0;
        virtual bool reserve(std::uint64_t size) = 0;
        [[nodiscard]] virtual std::uint64_t size() const = 0;
    };

    template <typename File>
    struct model final : interface {
        explicit model(File&& some)
            : file(std::move(some))
        {}
        void append(std::span<std::byte const> bytes) override { file.append(bytes); }
        void sync() override { file.sync(); }
        [[nodiscard]] std::size_t write_direct() override { return detail::write_direct(file); }
        [[nodiscard]] bool append_late(late_front& front, std::span<std::byte const> rest) override
        {
            return detail::append_late(file, front, rest);
        }
        bool reserve(std::uint64_t size) override { return detail::reserve(file, size); }
        [[nodiscard]] std::uint64_t size() const override { return file.size(); }

        File file;
    };

    owner<interface> file_;
};

} // namespace tidemark
