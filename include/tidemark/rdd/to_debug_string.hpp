// SPDX-License-Identifier: BSL-1.0
//
// to_debug_string: the lineage of an rdd as it stands now, as text.

#pragma once

#include <tidemark/execution/lineage_node.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/rdd/evaluate.hpp>

#include <algorithm>
#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {
namespace detail {

/// Writes collections, the parents below, without recursion.
template <typename Edge>
class debug_writer {
public:
    [[nodiscard]] std::string write(Edge root)
    {
        waiting_.push_back({std::move(root), "", true, true});
        while (!waiting_.empty()) {
            auto next = std::move(waiting_.back());
            waiting_.pop_back();
            write_one(std::move(next));
        }
        return std::move(text_);
    }

private:
    /// A collection that is to be written, with the steps on it; `prefix` stands before all lines of its stage.
    struct pending {
        Edge edge;
        std::string prefix;
        bool first = false;
        bool last_child = true;
    };

    void write_one(pending one)
    {
        auto const& node = *one.edge.parent;
        std::string begin = one.prefix; // of the first line; others begin with `prefix`
        if (one.first || one.edge.kind == dependency::wide) {
            auto const count = "(" + std::to_string(node.partitions()) + ")";
            auto const left = (count.size() - 1) / 2;
            auto const stage = std::string(left, ' ') + "|" + std::string(count.size() - left, ' ');
            if (one.first) {
                begin = count + " ";
                one.prefix = stage;
            } else {
                auto const above = one.prefix.substr(0, one.prefix.rfind('|'));
                begin = above + "+-" + count + " ";
                one.prefix = above + (one.last_child ? "  " : "| ") + stage;
            }
        }
        for (auto step = one.edge.steps.rbegin(); step != one.edge.steps.rend(); ++step)
            line(begin, one.prefix, *step);
        bool const known = !seen_.insert(&node).second;
        auto const words = node.describe();
        for (std::size_t from = 0; from <= words.size();) {
            auto const end = std::min(words.find('\n', from), words.size());
            line(begin, one.prefix, words.substr(from, end - from) + (known && from == 0 ? ", as above" : ""));
            from = end + 1;
        }
        if (known)
            return;
        auto parents = node.parents();
        for (std::size_t i = parents.size(); i-- != 0;)
            waiting_.push_back({std::move(parents[i]), one.prefix, false, i + 1 == parents.size()});
    }

    void line(std::string& begin, std::string const& prefix, std::string_view words)
    {
        if (!text_.empty())
            text_ += '\n';
        text_ += begin;
        text_ += words;
        begin = prefix;
    }

    std::string text_;
    std::vector<pending> waiting_;
    std::set<lineage_node const*> seen_;
};

struct to_debug_string_fn : operator_base {
    template <rdd_expression E>
    [[nodiscard]] std::string operator()(E const& e) const
    {
        return debug_writer<lineage_edge>().write(pipeline_of(e).edge());
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<to_debug_string_fn>(); }
};

} // namespace detail

/// `to_debug_string(e)`: the lineage of an rdd as it stands, a line for each step and collection, parents below.
///
/// `(n)` is the number of partitions at the beginning of a stage, ` | ` continues it, ` +-(n)` begins what stands behind
/// a wide dependency. `[level]` says that a collection is persisted; the line below it how much is kept. After a
/// checkpoint its line takes the place of the parents. A collection that is reached twice is followed once. Computes
/// nothing.
///
/// *Requires* an rdd. See also: `cached_info`, `unprotected_wide_t`. Example: `examples/operators/persist.cpp`.
///
/// ```text
/// (8) map
///  |  reduce_by_key
///  +-(2) persist [memory_only]
///     |      CachedPartitions: 2; MemorySize: 96 B; DiskSize: 0 B
///     |  map
///     |  rdd
/// ```
inline constexpr detail::to_debug_string_fn to_debug_string{};

} // namespace tidemark
