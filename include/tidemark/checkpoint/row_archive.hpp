// SPDX-License-Identifier: BSL-1.0
//
// row_archive: many values of the same types to bytes, in rows.

#pragma once

#include <tidemark/checkpoint/detail/fixed_size.hpp>
#include <tidemark/checkpoint/detail/fresh.hpp>
#include <tidemark/checkpoint/detail/wire_size.hpp>
#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/checkpoint/serialization.hpp>

#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

namespace tidemark {

namespace detail {

template <typename... Parts>
inline constexpr std::size_t least_row_bytes = (wire_size_v<Parts>.least + ...);

} // namespace detail

/// Saves rows of `Parts`, one after the other, to the bytes that an `output_archive` makes of them.
///
/// *Throws* as `output_archive`. *Threads*: one at a time.
template <typename... Parts>
class row_archive {
public:
    /// There will be exactly so many `rows`.
    explicit row_archive(std::size_t rows)
        : out_(rows * detail::least_row_bytes<Parts...>)
    {}

    /// Saves the next row.
    void add(Parts const&... parts) { (out_ << ... << parts); }

    /// Saves a value behind the last row.
    template <typename T>
    void append(T const& value)
    {
        out_ << value;
    }

    /// Gives what was saved. The last call.
    [[nodiscard]] std::vector<std::byte> take() { return {out_.bytes().begin(), out_.bytes().end()}; }

    /// The next row of those that were saved. *Throws* as `input_archive`.
    [[nodiscard]] static std::tuple<Parts...> read(input_archive& in)
    {
        return std::tuple<Parts...>{load<Parts>(in)...};
    }

private:
    output_archive out_;
};

/// The same without a copy, where all rows have one length.
template <typename... Parts>
    requires(detail::wire_size_v<Parts>.fixed && ...)
class row_archive<Parts...> {
public:
    /// There will be exactly so many `rows`.
    explicit row_archive(std::size_t rows)
        : bytes_(rows * detail::least_row_bytes<Parts...>)
        , write_{bytes_.data()}
    {}

    /// Saves the next row.
    void add(Parts const&... parts) { (write_(parts), ...); }

    /// Saves a value behind the last row.
    template <typename T>
    void append(T const& value)
    {
        auto const saved = to_bytes(value);
        bytes_.insert(bytes_.end(), saved.begin(), saved.end());
    }

    /// Gives what was saved. The last call.
    [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

    /// The next row of those that were saved. *Throws* as `input_archive`.
    [[nodiscard]] static std::tuple<Parts...> read(input_archive& in)
    {
        detail::fixed_reader reader{in.take(detail::least_row_bytes<Parts...>)};
        std::tuple<Parts...> row{detail::fresh<Parts>()...};
        std::apply([&reader](Parts&... parts) { (reader(parts), ...); }, row);
        if (!reader.sound)
            in.damaged("a bool that is neither 0 nor 1");
        return row;
    }

private:
    std::vector<std::byte> bytes_;
    detail::fixed_writer write_;
};

} // namespace tidemark
