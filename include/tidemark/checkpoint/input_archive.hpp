// SPDX-License-Identifier: BSL-1.0
//
// input_archive: values from a bounded range of bytes, as an archive of Boost.Serialization that trusts none of them.

#pragma once

#include <tidemark/checkpoint/detail/boost_names.hpp>
#include <tidemark/checkpoint/detail/decode.hpp>
#include <tidemark/core/error.hpp>

#include <boost/core/demangle.hpp>
#include <boost/mpl/bool.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace tidemark {

/// Reads what `output_archive` saved, in the same order; a model of Boost.Serialization's loading archive.
///
/// Every read is checked against the bytes that are left, and a count before anything is made for it, so that damaged
/// bytes give an error or a value, never a crash, a hang or memory out of proportion to their number. Checksums come
/// first all the same: what is damaged and still a value is not found here. An enumerator is taken as it comes.
///
/// *Requires* that the bytes outlive the archive. *Throws* `corrupt_checkpoint` at the first byte that cannot be right
/// and `incompatible_checkpoint` for a newer class version; the value that was being read is then in a valid, unknown
/// state. *Threads*: one at a time.
class input_archive {
public:
    using is_saving = boost::mpl::bool_<false>;
    using is_loading = boost::mpl::bool_<true>;

    explicit input_archive(std::span<std::byte const> bytes) noexcept
        : bytes_(bytes)
    {}

    /// How many bytes have been read, and how many are left.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }
    [[nodiscard]] std::size_t remaining() const noexcept { return bytes_.size() - position_; }

    template <typename T>
    input_archive& operator>>(T&& value)
    {
        using plain = std::remove_cvref_t<T>;
        if constexpr (detail::is_nvp<plain> || detail::is_array_wrapper<plain> || detail::is_wrapper<plain>) {
            detail::decode(*this, const_cast<plain&>(value)); // it only stands for what is read
        } else {
            static_assert(std::is_lvalue_reference_v<T> && !std::is_const_v<std::remove_reference_t<T>>,
                          "tidemark::input_archive: what is const or temporary cannot be restored; pass a variable");
            detail::decode(*this, value);
        }
        return *this;
    }

    template <typename T>
    input_archive& operator&(T&& value)
    {
        return *this >> std::forward<T>(value);
    }

    /// Takes the next `amount` bytes as they are.
    void load_binary(void* to, std::size_t amount)
    {
        if (amount != 0)
            std::memcpy(to, take(amount), amount);
    }

    /// The next `amount` bytes, in place.
    [[nodiscard]] std::byte const* take(std::size_t amount)
    {
        if (amount > remaining())
            damaged("the next value takes " + std::to_string(amount) + " bytes");
        std::byte const* const taken = bytes_.data() + position_;
        position_ += amount;
        return taken;
    }

    /// A count of elements that take at least `least` bytes each: never more than there can be.
    [[nodiscard]] std::size_t load_count(std::size_t least)
    {
        std::uint64_t const amount = load_number();
        if (amount > remaining() / least)
            damaged("a count of " + std::to_string(amount) + " elements of at least " + std::to_string(least)
                    + " bytes");
        return static_cast<std::size_t>(amount);
    }

    /// The index of one of `alternatives`.
    [[nodiscard]] std::size_t load_index(std::size_t alternatives)
    {
        std::uint64_t const index = load_number();
        if (index >= alternatives)
            damaged("alternative " + std::to_string(index) + " of a variant of " + std::to_string(alternatives));
        return static_cast<std::size_t>(index);
    }

    [[nodiscard]] bool load_flag()
    {
        auto const flag = std::to_integer<unsigned>(*take(1));
        if (flag > 1)
            damaged("a flag of " + std::to_string(flag) + ", neither 0 nor 1");
        return flag == 1;
    }

    [[nodiscard]] unsigned load_version()
    {
        std::uint64_t const version = load_number();
        if (version > std::numeric_limits<unsigned>::max())
            damaged("version " + std::to_string(version) + ", which no type can have");
        return static_cast<unsigned>(version);
    }

    /// The class version with which a `T` was saved: this program's `known` one or an older one.
    template <typename T>
    [[nodiscard]] unsigned load_class_version(unsigned known)
    {
        unsigned const found = load_version();
        if (found > known)
            refuse(typeid(T), found, known, "run the newer program, or one that reads that version");
        return found;
    }

    /// The class version of a Hana structure: no code of its own could read another one.
    template <typename T>
    void load_exact_version(unsigned known)
    {
        unsigned const found = load_version();
        if (found != known)
            refuse(typeid(T), found, known, "to read an older version give the type a serialize member");
    }

    /// The one zero byte that stands for an element without bytes.
    void load_filler()
    {
        if (*take(1) != std::byte{0})
            damaged("an element without content is marked by another byte than 0");
    }

    /// As many of `amount` elements of `size` bytes as are worth making room for before they are seen.
    [[nodiscard]] std::size_t affordable(std::size_t amount, std::size_t size) const noexcept
    {
        return std::min(amount, remaining() / size);
    }

    /// *Throws* `corrupt_checkpoint` that says where, what was `found`, and how many bytes are left.
    [[noreturn]] void damaged(std::string const& found) const
    {
        throw corrupt_checkpoint("saved value, byte " + std::to_string(position_) + " of "
                                 + std::to_string(bytes_.size()) + ": found " + found + ", with "
                                 + std::to_string(remaining())
                                 + " bytes left; the bytes are damaged or of another type");
    }

    // ---- For code written by Boost's convention; here they have nothing to do.

    [[nodiscard]] boost::serialization::library_version_type get_library_version() const
    {
        return boost::serialization::library_version_type(detail::followed_library_version);
    }
    template <typename T>
    void register_type(T const* = nullptr) const noexcept
    {}
    template <typename T>
    void reset_object_address(T const volatile*, void const volatile*) const noexcept
    {}
    void delete_created_pointers() const noexcept {}

private:
    template <typename>
    friend class detail::nesting;

    void enter(unsigned deepest)
    {
        if (level_ == deepest)
            damaged("a value nested more than " + std::to_string(deepest) + " deep");
        ++level_;
    }
    void leave() noexcept { --level_; }

    [[nodiscard]] std::uint64_t load_number()
    {
        std::uint64_t number = 0;
        for (unsigned shift = 0;; shift += 7) {
            auto const byte = std::to_integer<std::uint64_t>(*take(1));
            if (shift == 63 && byte > 1)
                damaged("a number of more than 64 bits");
            number |= (byte & 0x7f) << shift;
            if (byte < 0x80) {
                if (byte == 0 && shift != 0)
                    damaged("a number with zeros in front, which is never saved");
                return number;
            }
        }
    }

    [[noreturn]] static void refuse(std::type_info const& type, unsigned found, unsigned known, char const* advice)
    {
        throw incompatible_checkpoint("a value of type " + boost::core::demangle(type.name())
                                      + " was saved with class version " + std::to_string(found)
                                      + ", this program has version " + std::to_string(known) + "; " + advice);
    }

    std::span<std::byte const> bytes_;
    std::size_t position_ = 0;
    unsigned level_ = 0;
};

namespace detail {

/// *Throws* `corrupt_checkpoint` when `in` has not been read to its end.
inline void expect_no_more(input_archive const& in)
{
    if (in.remaining() != 0)
        throw corrupt_checkpoint(std::to_string(in.remaining()) + " bytes are left over");
}

} // namespace detail

} // namespace tidemark
