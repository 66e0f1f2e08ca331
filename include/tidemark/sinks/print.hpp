// SPDX-License-Identifier: BSL-1.0
//
// print: the first records of each batch, on a stream of text.

#pragma once

#include <tidemark/expression/closure.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/sinks/text.hpp>
#include <tidemark/stream/output.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

/// What `print` does with a batch: writes a heading and the first records to `write`.
struct print_action {
    std::size_t limit;
    std::function<void(std::string_view)> write;

    template <typename Record>
    [[nodiscard]] static consteval bool takes()
    {
        return detail::text_checked<Record>();
    }

    template <typename Rdd>
    void operator()(Rdd const& rdd, batch_time time) const
    {
        auto const first = take(rdd, std::max(limit, limit + 1)); // one more, to know whether there is more
        std::string const rule(43, '-');
        auto text = rule + "\nTime: " + to_string(time) + "\n" + rule + "\n";
        for (std::size_t i = 0; i < first.size() && i < limit; ++i) {
            append_text(text, first[i]);
            text += '\n';
        }
        if (first.size() > limit)
            text += "...\n";
        write(text += '\n');
    }
};

namespace detail {

inline void write_to_stdout(std::string_view text)
{
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

} // namespace detail

/// `stream | print(n, write)`: in each batch 43 dashes, `Time: <ms> ms`, 43 dashes, the first `n` records, one a line,
/// `...` if there are more, and an empty line; for empty batches too. One call of `write` for a batch; without `write`
/// it goes to the standard output.
///
/// Computes only as many partitions as it needs. *Threads*: `write` is called in the thread that runs jobs, and fails
/// the output when it throws. See also: `append_text` for how records look, `foreach_rdd` for what a crash means.
/// Example: `examples/operators/print.cpp`.
template <fixed_string Name = "">
[[nodiscard]] auto print(std::size_t limit = 10, std::function<void(std::string_view)> write = detail::write_to_stdout)
{
    return closure<detail::foreach_rdd_fn<Name>, print_action, std::string_view>({limit, std::move(write)}, "print");
}

/// The stream as the first argument.
template <fixed_string Name = "", stream_expression Parent>
[[nodiscard]] auto print(Parent parent, std::size_t limit = 10,
                         std::function<void(std::string_view)> write = detail::write_to_stdout)
{
    return std::move(parent) | print<Name>(limit, std::move(write));
}

namespace detail {

using print_function =
    closure<foreach_rdd_fn<"">, print_action, std::string_view> (*)(std::size_t, std::function<void(std::string_view)>);

} // namespace detail

template <expression Parent>
void operator|(Parent&&, detail::print_function) = delete; // call the output: `stream | print()`

} // namespace tidemark
