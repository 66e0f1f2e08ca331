// SPDX-License-Identifier: BSL-1.0
//
// persist: keeps what an expression gives, so that it is computed once: persist, cache, unpersist.

#pragma once

#include <tidemark/core/serializable.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/lineage.hpp>
#include <tidemark/rdd/evaluate.hpp>
#include <tidemark/rdd/persisted_dataset.hpp>
#include <tidemark/rdd/storage_level.hpp>

#include <concepts>
#include <memory>
#include <string_view>
#include <utility>

namespace tidemark {

/// The node of `persist`.
template <expression Parent, storage_level_value Level>
struct persisted : boundary<Parent> {
    using record_type = record_t<Parent>;
    using level_type = Level;

    static constexpr dependency depends = dependency::narrow;
    static constexpr std::string_view name = "persist";
    static constexpr bool needs_dataset = false;
    static constexpr bool keeps_results = Level::value != block_level{};

    using boundary<Parent>::boundary;
};

/// The dataset of `persist`, on an rdd and in each batch of a stream.
template <typename Parent, typename Level, typename Chain>
[[nodiscard]] dataset_ptr<record_t<Parent>> boundary_dataset(persisted<Parent, Level> const&, pipeline<Chain> line,
                                                             environment_ptr const& where)
{
    if constexpr (Level::value == block_level{})
        return as_dataset(std::move(line));
    else
        return std::make_shared<persisted_dataset<Chain>>(std::move(line), where->blocks->get(), Level::value);
}

namespace detail {

template <typename E>
inline constexpr bool is_persisted_v = false;
template <typename Parent, typename Level>
inline constexpr bool is_persisted_v<persisted<Parent, Level>> = true;

/// `E` has `Level` already, or none.
template <typename E, typename Level>
inline constexpr bool takes_level_v = true;
template <typename Parent, typename Set, typename Level>
inline constexpr bool takes_level_v<persisted<Parent, Set>, Level> = std::same_as<Set, Level>;

struct persist_fn : operator_base {
    template <expression Parent, storage_level_value Level>
    [[nodiscard]] auto operator()(Parent parent, Level) const
    {
        using record_type = record_t<Parent>;
        constexpr bool saves = Level::value.disk || Level::value.serialized;
        static_assert(!saves || serializable<record_type>,
                      "tidemark::persist: records that cannot be saved can be kept in memory only, as they are; "
                      "give them a serialize member or BOOST_HANA_ADAPT_STRUCT, or use storage_level::memory_only");
        static_assert(lasting<record_type>,
                      "tidemark::persist: the records are or hold pointers, references or views, which may outlive "
                      "what they look into; map them to what owns its memory, as std::string");
        static_assert(takes_level_v<Parent, Level>,
                      "tidemark::persist: the level of what is persisted cannot be changed; persist what stands before "
                      "it at the other level, after unpersist");
        if constexpr (is_persisted_v<Parent>)
            return parent;
        else if constexpr (!saves || serializable<record_type>)
            return persisted<Parent, Level>(std::move(parent));
        else
            return parent; // so that no other error follows
    }

    template <expression Parent>
    [[nodiscard]] auto operator()(Parent parent) const
    {
        if constexpr (stream_expression<Parent>)
            return (*this)(std::move(parent), storage_level::memory_only_ser);
        else
            return (*this)(std::move(parent), storage_level::memory_only);
    }

    template <storage_level_value Level>
    [[nodiscard]] constexpr auto operator()(Level level) const
    {
        return closure<persist_fn, Level>(level);
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<persist_fn>(); }
};

struct cache_fn : operator_base {
    template <expression Parent>
    [[nodiscard]] auto operator()(Parent parent) const
    {
        return persist_fn{}(std::move(parent));
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<cache_fn>(); }
};

/// What keeps the partitions of `e` itself, not of what it stands on; null when nothing does.
template <rdd_expression E>
[[nodiscard]] std::shared_ptr<keeps_blocks> keeper_of(E const& e)
{
    if constexpr (is_step_v<E>)
        return nullptr;
    else
        return std::dynamic_pointer_cast<keeps_blocks>(pipeline_of(e).origin());
}

struct unpersist_fn : operator_base {
    template <rdd_expression E>
    void operator()(E const& e) const
    {
        static_assert(!is_step_v<E>, "tidemark::unpersist: a step was added to what is persisted; give unpersist the "
                                     "expression that persist gave");
        if (auto const keeper = keeper_of(e))
            keeper->unpersist();
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<unpersist_fn>(); }
};

struct storage_info_fn : operator_base {
    template <rdd_expression E>
    [[nodiscard]] storage_info operator()(E const& e) const
    {
        auto const keeper = keeper_of(e);
        return keeper ? keeper->info() : storage_info{{}, pipeline_of(e).partitions(), {}};
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<storage_info_fn>(); }
};

} // namespace detail

/// `records | persist(level)`: each partition is kept once it has been computed, for later actions and other readers.
///
/// The levels stand in `storage_level`; without one, an rdd is kept in memory as it is, a stream in memory as bytes.
/// Nothing is computed here, and only what is asked for later: `take(1)` computes and keeps one partition. The memory
/// of all that is persisted in a context is limited by `rdd_settings::storage_bytes`; what leaves it is computed again,
/// or goes to disk. The lineage stays, so that what is lost or damaged is computed again.
///
/// On a stream each batch is kept as long as something still needs it.
///
/// *Requires* records that can be saved, for the levels with disk or bytes. A level is part of the expression's type:
/// `e | persist(a)` and `e | persist(b)` are two nodes with partitions of their own, and `e | persist(a) | persist(b)`
/// does not compile. *Partitions* as its parent does. *Slides* with its parent, on a stream.
/// *After recovery* is computed again: it ends with the program.
/// See also: `checkpoint`, `local_checkpoint`. Example: `examples/operators/persist.cpp`.
inline constexpr detail::persist_fn persist{};

/// `records | cache()`: `persist` at the default level: an rdd in memory as it is, a stream in memory as bytes.
///
/// *Requires*, on a stream, records that can be saved: else `persist(storage_level::memory_only)`. *Partitions*,
/// *Slides* and *After recovery* as `persist`.
/// See also: `persist`, `unpersist`. Example: `examples/operators/cache.cpp`.
inline constexpr detail::cache_fn cache{};

/// `unpersist(e)`: drops the partitions that are kept of what `persist` gave, and keeps none any more; nothing for
/// other expressions. To keep them at another level, persist what stands before it anew. On streams it is done for each
/// batch that nothing needs any longer.
///
/// *Requires* an rdd, the expression that `persist`, `cache` or `local_checkpoint` gave; with a step behind it, it does
/// not compile. A local checkpoint cannot compute again what it has dropped: reading it throws `checkpoint_error`.
/// *Threads*: may be called while an action runs.
/// See also: `cached_info`. Example: `examples/operators/cache.cpp`.
inline constexpr detail::unpersist_fn unpersist{};

/// `cached_info(e)`: at which level an rdd is kept, and how many of its partitions are, in how many bytes, as a
/// `storage_info`. Computes nothing.
///
/// *Requires* an rdd; of one that nothing keeps, the level and the numbers kept are empty.
/// See also: `to_debug_string`; `rdd_context::storage_status` for all of a context. Example:
/// `examples/operators/cache.cpp`.
inline constexpr detail::storage_info_fn cached_info{};

} // namespace tidemark
