// SPDX-License-Identifier: BSL-1.0
//
// lineage_node: a collection as a node of the graph that computes it, whatever its records are.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/later.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/key_layout.hpp>
#include <tidemark/execution/updates.hpp>
#include <tidemark/expression/expression.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

class lineage_node;

/// A collection that another one is computed from.
struct lineage_edge {
    std::shared_ptr<lineage_node> parent;
    dependency kind = dependency::narrow;
    std::span<std::string_view const> steps{}; ///< The names of what is fused between the two, the parent's side first.
};

/// How many narrow collections may stand on each other, with nothing between them that keeps records: each takes room
/// on the stack of the loop that runs through them.
inline constexpr std::size_t longest_narrow_lineage = 2000;

/// One collection: its number of partitions, what it stands on, and what must be made before it can be read.
///
/// *Threads*: `prepare` may be called from several threads, of which one does the work; the others at any time.
class lineage_node {
public:
    lineage_node() = default;
    lineage_node(lineage_node const&) = delete;
    lineage_node& operator=(lineage_node const&) = delete;
    virtual ~lineage_node() = default;

    /// Known once the node is ready.
    [[nodiscard]] virtual std::size_t partitions() const = 0;

    /// What the collection is computed from; nothing for one that was there from the beginning, or has been cut off.
    [[nodiscard]] virtual std::vector<lineage_edge> parents() const { return {}; }

    /// True when every partition can be read without the parents.
    [[nodiscard]] virtual bool holds_records() const { return false; }

    /// True when reading a partition runs no loop of the parents, as things stand now.
    [[nodiscard]] virtual bool ends_loop() const { return holds_records(); }

    /// Computes and keeps every partition, where that is what the collection is for; else nothing. It is ready.
    virtual void keep_all(any_executor const& /*executor*/) {}

    /// Makes what the partitions stand on, exchanges above all. The parents are ready. Calling it again is cheap.
    ///
    /// *Throws* what a function before it threw; it may be tried again then.
    virtual void prepare(any_executor const& /*executor*/) {}

    /// Forgets what is held of one partition, as if it had been lost; it is made again when it is asked for. Nothing
    /// where nothing is held.
    virtual void lose(std::size_t /*partition*/) {}

    /// In a stream's graph, as what the node's updates of accumulators count: once, whoever asks for its records.
    void count_as(std::shared_ptr<std::string const> producer) { producer_ = std::move(producer); }
    [[nodiscard]] std::string const* counts_as() const { return producer_.get(); }
    /// True the first time: what is made again, because some of it was lost, does not count again.
    [[nodiscard]] bool count() { return !counted_.exchange(true, std::memory_order_relaxed); }

    /// How keys lie in the partitions, for pairs of which that is known.
    [[nodiscard]] virtual std::optional<key_partitioning> partitioning() const { return std::nullopt; }

    /// What it is, in a word or two, with what it keeps: a line of `to_debug_string`.
    [[nodiscard]] virtual std::string describe() const { return "rdd"; }

private:
    std::shared_ptr<std::string const> producer_;
    std::atomic<bool> counted_{false};
};

namespace detail {

/// A node on the way down to what it stands on.
struct lineage_visit {
    lineage_node* node;
    std::vector<lineage_edge> parents;
    std::size_t next = 0;
    std::size_t depth = 0; // of narrow nodes below

    void stand_on(lineage_edge const& edge, std::size_t below)
    {
        if (edge.kind == dependency::narrow)
            depth = std::max(depth, below);
    }
};

[[nodiscard]] inline lineage_visit visit_of(lineage_node& node)
{
    return {&node, node.holds_records() ? std::vector<lineage_edge>() : node.parents()};
}

} // namespace detail

/// Prepares whatever `root` stands on, parents first, and `root` itself. Does not descend by recursion, nor behind what
/// holds its records.
///
/// *Throws* `usage_error` for more than `longest_narrow_lineage` narrow nodes in a row; what `prepare` throws.
template <std::derived_from<lineage_node> Node>
void make_ready(Node& root, any_executor const& executor)
{
    later<std::map<lineage_node const*, std::size_t>, Node> depths; // of the nodes that are ready
    later<std::vector<detail::lineage_visit>, Node> path;
    path.push_back(detail::visit_of(root));
    while (!path.empty()) {
        auto& here = path.back();
        if (here.next < here.parents.size()) {
            auto const& edge = here.parents[here.next];
            if (auto const known = depths.find(edge.parent.get()); known != depths.end()) {
                here.stand_on(edge, known->second);
                ++here.next;
            } else
                path.push_back(detail::visit_of(*edge.parent));
            continue;
        }
        held_updates held(here.node->counts_as());
        here.node->prepare(executor);
        if (here.depth > longest_narrow_lineage / 2 && !here.node->ends_loop())
            here.node->keep_all(executor);
        if (!held.empty() && here.node->count())
            held.keep();
        auto const depth = here.node->ends_loop() ? 0 : here.depth + 1;
        if (depth > longest_narrow_lineage)
            throw usage_error("tidemark: more than " + std::to_string(longest_narrow_lineage)
                              + " narrow steps stand on each other through erased rdds or unions, too many for one "
                                "loop; put checkpoint(), local_checkpoint() or persist() between them");
        depths.emplace(here.node, depth);
        path.pop_back();
    }
}

namespace detail {

/// Lets `last` go without recursion: what its destructor lets go in turn waits until it has ended, so that a lineage of
/// any length can be dropped.
inline void let_go(std::shared_ptr<lineage_node> last) noexcept
{
    if (last.use_count() != 1)
        return;
    using waiting_nodes = std::vector<std::shared_ptr<lineage_node>>;
    static thread_local waiting_nodes* waiting = nullptr;
    try {
        if (waiting != nullptr)
            return waiting->push_back(std::move(last));
        waiting_nodes all;
        all.push_back(std::move(last));
        waiting = &all;
        while (!all.empty()) {
            auto const one = std::move(all.back());
            all.pop_back();
        }
    } catch (...) { // no memory for the list: the rest goes by recursion
    }
    waiting = nullptr;
}

} // namespace detail

/// A collection of type `Dataset` that another one stands on; its end is no recursion.
template <typename Dataset>
class lineage_ptr {
public:
    lineage_ptr(std::shared_ptr<Dataset> node) // NOLINT(google-explicit-constructor): it is that pointer
        : node_(std::move(node))
    {}
    lineage_ptr(lineage_ptr const&) = default;
    lineage_ptr(lineage_ptr&&) noexcept = default;
    lineage_ptr& operator=(lineage_ptr other) noexcept
    {
        node_.swap(other.node_);
        return *this;
    }
    ~lineage_ptr() { detail::let_go(std::move(node_)); }

    [[nodiscard]] std::shared_ptr<Dataset> const& get() const { return node_; }
    [[nodiscard]] Dataset* operator->() const { return node_.get(); }
    [[nodiscard]] Dataset& operator*() const { return *node_; }

private:
    std::shared_ptr<Dataset> node_;
};

} // namespace tidemark
