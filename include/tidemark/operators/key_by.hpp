// SPDX-License-Identifier: BSL-1.0
//
// key_by: each record with a key made from it.

#pragma once

#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/narrow.hpp>
#include <tidemark/operators/map.hpp>

#include <concepts>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {

/// Passes the pair of `keying(record)` and the record on to `Next`.
template <typename Keying, typename Record, typename Next>
struct key_by_sink {
    using key = std::decay_t<std::invoke_result_t<Keying const&, Record const&>>;
    using result = std::pair<key, Record>;

    Keying const& keying;
    [[no_unique_address]] Next next;

    void operator()(Record const& value) { next(result(std::invoke(keying, value), value)); }

    void operator()(Record&& value)
    {
        key made(std::invoke(keying, std::as_const(value))); // before the record goes
        next(result(std::move(made), std::move(value)));
    }

    void finish() { next.finish(); }
    [[nodiscard]] bool done() const { return next.done(); }
};

/// The step of `key_by`.
template <typename Keying>
struct key_by_step {
    template <typename Record>
    using output = std::pair<std::decay_t<std::invoke_result_t<Keying const&, Record const&>>, Record>;

    static constexpr std::string_view name = "key_by";

    [[no_unique_address]] Keying keying;

    template <typename Record, typename Next>
    [[nodiscard]] constexpr auto before(Next next) const
    {
        return key_by_sink<Keying, Record, Next>{keying, std::move(next)};
    }
};

namespace detail {

struct key_by_fn : operator_base {
    template <expression Parent, std::move_constructible Keying>
    [[nodiscard]] constexpr auto operator()(Parent parent, Keying keying) const
    {
        static_assert(record_mapping<Keying, Parent>,
                      "tidemark::key_by: the function cannot be called with the record; it must take (record const&) "
                      "and give a key");
        if constexpr (record_mapping<Keying, Parent>)
            return narrow<Parent, key_by_step<Keying>>{std::move(parent), {std::move(keying)}};
        else
            return parent; // so that no other error follows
    }

    template <std::move_constructible Keying>
    [[nodiscard]] constexpr auto operator()(Keying keying) const
    {
        return closure<key_by_fn, Keying>(std::move(keying));
    }

    void operator()() const = delete; // key_by needs a function: `records | key_by(f)`
};

} // namespace detail

/// `records | key_by(keying)`: the pair of `keying(record)` and the record, for each record.
///
/// *Requires* a `keying` callable with one record; it is called from several threads, one partition each. The record
/// is moved into its pair, not copied, where it can be.
/// *Keeps* no state. *Partitions* as its parent does. *Slides* with its parent, on a stream.
/// *After recovery* gives the same pairs again when `keying` is deterministic.
/// See also: `map`, `reduce_by_key`. Example: `examples/operators/key_by.cpp`.
inline constexpr detail::key_by_fn key_by{};

} // namespace tidemark
