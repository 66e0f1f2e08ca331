// SPDX-License-Identifier: BSL-1.0
//
// sample: some of the records, drawn by chance that a seed fixes; without and with replacement.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/expression/chunk.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/narrow.hpp>
#include <tidemark/expression/self_contained.hpp>
#include <tidemark/operators/random_draw.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

/// Passes each record on to `Next` as often as `draw` says.
template <typename Draw, typename Record, typename Next>
struct sample_sink {
    Draw draw;
    partition_random random;
    [[no_unique_address]] Next next;
    chunk_filler_for<Record, Next> filler{};

    void operator()(Record const& value) { repeat(value, draw(random)); }

    void operator()(Record&& value)
    {
        auto const times = draw(random);
        if (times == 0)
            return;
        repeat(value, times - 1);
        filler.push(next, std::move(value));
        if constexpr (!self_contained<Record>)
            filler.flush(next);
    }

    void finish()
    {
        filler.flush(next);
        next.finish();
    }

    [[nodiscard]] bool done() const { return filler.done(next); }

private:
    void repeat(Record const& value, std::size_t times)
    {
        for (; times != 0; --times)
            filler.push(next, value);
        if constexpr (!self_contained<Record>)
            filler.flush(next); // the record may refer to memory that goes now
    }
};

/// The step of `sample` and of `sample_with_replacement`.
template <typename Draw>
struct sample_step {
    template <typename Record>
    using output = Record;

    static constexpr std::string_view name = "sample";
    static constexpr bool keeps_keys = true;

    Draw draw;
    std::uint64_t seed;

    template <typename Record, typename Next>
    [[nodiscard]] auto before(Next next, std::size_t partition) const
    {
        return sample_sink<Draw, Record, Next>{draw, partition_random(seed, partition), std::move(next)};
    }
};

namespace detail {

/// *Throws* `config_error` unless `fraction` lies between 0 and `most`.
inline void check_fraction(std::string const& name, double fraction, double most, std::string const& range)
{
    if (!(fraction >= 0 && fraction <= most))
        throw config_error("tidemark::" + name + ": a fraction of " + std::to_string(fraction) + "; give " + range);
}

struct sample_fn : operator_base {
    template <expression Parent>
    [[nodiscard]] auto operator()(Parent parent, double fraction, std::uint64_t seed) const
    {
        check_fraction("sample", fraction, 1, "0 to 1");
        return narrow<Parent, sample_step<bernoulli_draw>>{std::move(parent), {bernoulli_draw(fraction), seed}};
    }

    [[nodiscard]] auto operator()(double fraction, std::uint64_t seed) const
    {
        check_fraction("sample", fraction, 1, "0 to 1");
        return closure<sample_fn, double, std::uint64_t>(fraction, seed);
    }

    void operator()() const = delete; // sample needs a fraction and a seed: `records | sample(0.1, 42)`
    template <std::same_as<bool> Flag>
    void operator()(Flag, double, std::int64_t) const = delete; // `sample(0.1, 42)`, `sample_with_replacement(0.1, 42)`
};

struct sample_with_replacement_fn : operator_base {
    template <expression Parent>
    [[nodiscard]] auto operator()(Parent parent, double fraction, std::uint64_t seed) const
    {
        check_fraction("sample_with_replacement", fraction, most, "0 to 1000000");
        return narrow<Parent, sample_step<poisson_draw>>{std::move(parent), {poisson_draw(fraction), seed}};
    }

    [[nodiscard]] auto operator()(double fraction, std::uint64_t seed) const
    {
        check_fraction("sample_with_replacement", fraction, most, "0 to 1000000");
        return closure<sample_with_replacement_fn, double, std::uint64_t>(fraction, seed);
    }

    void operator()() const =
        delete; // sample_with_replacement needs a fraction and a seed: `sample_with_replacement(2.0, 42)`

private:
    static constexpr double most = 1'000'000;
};

} // namespace detail

/// `records | sample(fraction, seed)`: each record with probability `fraction`, in their order; none twice.
///
/// What is drawn depends only on the seed, the number of the partition and the place in it: it is the same for any
/// number of threads, each time it is computed, and after a recovery. On a stream every batch is drawn from with the
/// same seed, so the same places are drawn.
/// *Keeps* no state. *Partitions* as its parent does. *Slides* with its parent, on a stream.
/// *Throws* `config_error` for a fraction below 0 or above 1.
/// See also: `sample_with_replacement`, `filter`. Example: `examples/operators/sample.cpp`.
inline constexpr detail::sample_fn sample{};

/// `records | sample_with_replacement(fraction, seed)`: each record any number of times, `fraction` times on average
/// (by a Poisson distribution), in their order.
///
/// *Throws* `config_error` for a fraction below 0 or above 1000000. The rest as `sample`.
/// Example: `examples/operators/sample.cpp`.
inline constexpr detail::sample_with_replacement_fn sample_with_replacement{};

} // namespace tidemark
