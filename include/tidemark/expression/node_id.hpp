// SPDX-License-Identifier: BSL-1.0
//
// node_id: what makes two copies of a node the same node.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace tidemark {

/// The identity of a source, wide, state, window or other boundary node; kept by copies of the node.
///
/// An application makes one running stage for each id, so a node that two outputs share is run once for each batch.
/// On the rdd level the id also owns what the node has computed, which goes when the last copy of the node goes.
/// *Threads*: all members may be called from any thread.
class node_id {
public:
    node_id()
        : block_(std::make_shared<block>(next()))
    {}
    node_id(node_id const&) = default; // no move: a node that was moved from keeps its identity
    node_id& operator=(node_id const&) = default;
    ~node_id() = default;

    /// A number that no other node of this process has. Numbers grow in the order in which nodes are built.
    [[nodiscard]] std::uint64_t value() const { return block_->value; }

    /// What is kept for this node; at the first call, what `make()` returns, a `std::shared_ptr`.
    ///
    /// *Requires* the same `Kept` in every call for a node, and a `make` that does not call `kept` of the same node:
    /// other callers wait while it runs.
    template <typename Kept, typename Make>
    [[nodiscard]] std::shared_ptr<Kept> kept(Make&& make) const
    {
        std::scoped_lock const lock(block_->mutex);
        if (!block_->kept)
            block_->kept = make();
        return std::static_pointer_cast<Kept>(block_->kept);
    }

    friend bool operator==(node_id const& left, node_id const& right) { return left.block_ == right.block_; }

private:
    struct block {
        explicit block(std::uint64_t number)
            : value(number)
        {}

        std::uint64_t value;
        std::mutex mutex;
        std::shared_ptr<void> kept;
    };

    static std::uint64_t next()
    {
        static std::atomic<std::uint64_t> counter{0};
        return ++counter;
    }

    std::shared_ptr<block> block_;
};

} // namespace tidemark
