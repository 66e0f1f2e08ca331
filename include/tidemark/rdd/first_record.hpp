// SPDX-License-Identifier: BSL-1.0
//
// first_record: the first record of an rdd; is_empty: whether there is one.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/execution/updates.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/rdd/evaluate.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace tidemark {

/// Keeps the first record and then wants no more.
template <typename Record>
class first_sink {
public:
    explicit first_sink(std::optional<Record>& out)
        : out_(&out)
    {}

    template <typename Value>
    void operator()(Value&& value)
    {
        if (!*out_)
            out_->emplace(std::forward<Value>(value));
    }
    void finish() {}
    [[nodiscard]] bool done() const { return out_->has_value(); }

private:
    std::optional<Record>* out_;
};

/// Notes that a record came and then wants no more.
class presence_sink {
public:
    explicit presence_sink(bool& out)
        : out_(&out)
    {}

    template <typename Value>
    void operator()(Value const&)
    {
        *out_ = true;
    }
    void finish() {}
    [[nodiscard]] bool done() const { return *out_; }

private:
    bool* out_;
};

namespace detail {

/// Runs the partitions of `e` one after the other, until `found`.
template <typename E, typename Sink, typename Found>
void run_in_turn(E const& e, Sink const& sink, Found const& found)
{
    auto const line = pipeline_of(e);
    auto const& executor = environment_of(e).executor;
    line.prepare(executor);
    auto one = [&](std::size_t partition) { line.run(partition, sink); };
    held_updates held; // of all its partitions, or of none
    for (std::size_t partition = 0; partition < line.partitions() && !found; ++partition)
        executor.attempt_here(partition, one);
    held.keep();
}

struct first_record_fn : operator_base {
    template <rdd_expression E>
    [[nodiscard]] record_t<E> operator()(E const& e) const
    {
        static_assert(
            lasting<record_t<E>>,
            "tidemark::first_record: the records are or hold pointers, references or views, which may outlive "
            "what they look into; map them to what owns its memory, as std::string");
        std::optional<record_t<E>> found;
        run_in_turn(e, first_sink<record_t<E>>(found), found);
        if (!found)
            throw usage_error("tidemark::first_record: the rdd has no records; ask is_empty() before, or use take(1)");
        return *std::move(found);
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<first_record_fn>(); }
};

struct is_empty_fn : operator_base {
    template <rdd_expression E>
    [[nodiscard]] bool operator()(E const& e) const
    {
        bool found = false;
        run_in_turn(e, presence_sink(found), found);
        return !found;
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<is_empty_fn>(); }
};

} // namespace detail

/// `rdd | first_record()`: the first record, by partition and place. Computes only as many partitions of the last stage
/// as it needs, one after the other.
///
/// *Throws* `usage_error` for an rdd without records; what a function in the steps threw.
/// See also: `take`, `is_empty`. Example: `examples/actions.cpp`.
inline constexpr detail::first_record_fn first_record{};

/// `rdd | is_empty()`: whether there is no record. Computes only as many partitions of the last stage as it needs, one
/// after the other. *Throws* what a function in the steps threw.
/// See also: `count_records`. Example: `examples/actions.cpp`.
inline constexpr detail::is_empty_fn is_empty{};

} // namespace tidemark
