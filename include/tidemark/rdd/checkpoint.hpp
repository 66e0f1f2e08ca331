// SPDX-License-Identifier: BSL-1.0
//
// checkpoint: an rdd that is written to files once and has no other lineage from then on; and the local form of it.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/lineage.hpp>
#include <tidemark/rdd/checkpoint_dataset.hpp>
#include <tidemark/rdd/evaluate.hpp>
#include <tidemark/rdd/persist.hpp>
#include <tidemark/rdd/storage_level.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

/// The node of `checkpoint` and, with `Reliable` false, of `local_checkpoint`. It holds the collection instead of its
/// parent, whose lineage can so be let go.
template <rdd_expression Parent, bool Reliable>
struct cut_rdd : expression_base {
    using record_type = record_t<Parent>;
    using level = level_t<Parent>;
    using parents = type_list<Parent>;

    static constexpr dependency depends = dependency::narrow;
    static constexpr std::string_view name = Reliable ? "checkpoint" : "local_checkpoint";
    static constexpr bool protects_lineage = Reliable;

    lineage_ptr<dataset<record_type>> data;
    environment_ptr environment;

    cut_rdd(dataset_ptr<record_type> what, environment_ptr where)
        : data(std::move(what))
        , environment(std::move(where))
    {}
};

namespace detail {

template <typename Parent, bool Reliable>
struct rdd_origin<cut_rdd<Parent, Reliable>> {
    using node = cut_rdd<Parent, Reliable>;

    static dataset_ptr<record_t<node>> of(node const& e) { return e.data.get(); }
    static environment_ptr const& environment(node const& e) { return e.environment; }
};

/// What `T` is `local_checkpoint`ed at: its level, with disk.
template <typename E>
inline constexpr block_level level_to_cut_v{true, true, false};
template <typename Parent, typename Level>
inline constexpr block_level level_to_cut_v<persisted<Parent, Level>> =
    Level::value == block_level{} ? block_level{true, true, false}
                                  : block_level{Level::value.memory, true, Level::value.serialized};

/// The checkpoint of `e` itself; null where it has none.
template <rdd_expression E>
[[nodiscard]] std::shared_ptr<has_checkpoint_of<record_t<E>>> checkpoint_of(E const& e)
{
    if constexpr (is_step_v<E>)
        return nullptr;
    else
        return std::dynamic_pointer_cast<has_checkpoint_of<record_t<E>>>(pipeline_of(e).origin());
}

struct checkpoint_fn : operator_base {
    template <rdd_expression E>
    [[nodiscard]] auto operator()(E const& e) const
    {
        static_assert(level_t<E>::is_checkpointed, "tidemark::checkpoint: the context has no checkpoint directory; "
                                                   "pass a tide::checkpoint_directory to rdd_context");
        static_assert(serializable<record_t<E>>,
                      "tidemark::checkpoint: the records cannot be saved; give them a serialize member or "
                      "BOOST_HANA_ADAPT_STRUCT");
        if constexpr (level_t<E>::is_checkpointed && serializable<record_t<E>>)
            return marked(e);
        else
            return e; // so that no other error follows
    }

    template <stream_expression E>
    void operator()(E const&) const = delete; // a stream is checkpointed by `stream | checkpoint_every(d)`

    [[nodiscard]] constexpr auto operator()() const { return closure<checkpoint_fn>(); }

private:
    template <typename E>
    [[nodiscard]] static auto marked(E const& e)
    {
        auto const& where = shared_environment_of(e);
        if (!where->checkpoints)
            throw config_error("tidemark::checkpoint: the context has no checkpoint directory; "
                               "pass a tide::checkpoint_directory to rdd_context");
        auto line = pipeline_of(e);
        if constexpr (!is_step_v<E>)
            if (is_reliable(*line.origin())) // a second mark is harmless
                return cut_rdd<E, true>(line.origin(), where);
        return cut_rdd<E, true>(std::make_shared<checkpoint_dataset<chain_t<E>>>(std::move(line), *where), where);
    }

    [[nodiscard]] static bool is_reliable(lineage_node const& node)
    {
        return dynamic_cast<has_checkpoint const*>(&node) != nullptr
               && dynamic_cast<keeps_blocks const*>(&node) == nullptr;
    }
};

struct local_checkpoint_fn : operator_base {
    template <rdd_expression E>
    [[nodiscard]] auto operator()(E const& e) const
    {
        using record_type = record_t<E>;
        static_assert(serializable<record_type>,
                      "tidemark::local_checkpoint: the records cannot be saved, and some may have to go to disk; give "
                      "them a serialize member or BOOST_HANA_ADAPT_STRUCT");
        static_assert(lasting<record_type>,
                      "tidemark::local_checkpoint: the records are or hold pointers, references or views, which may "
                      "outlive what they look into; map them to what owns its memory, as std::string");
        if constexpr (serializable<record_type>) {
            auto const& where = shared_environment_of(e);
            auto line = pipeline_of(e);
            if constexpr (!is_step_v<E>)
                if (auto const before = checkpoint_of(e)) {
                    auto below = before->uncut();
                    if (!below || dynamic_cast<keeps_blocks*>(before.get()) != nullptr)
                        return cut_rdd<E, false>(line.origin(), where); // it is there, or is local already
                    pipeline again(std::move(below), chain_start<record_type>{});
                    return cut(e, std::move(again), where);
                }
            return cut(e, std::move(line), where);
        } else
            return e; // so that no other error follows
    }

    template <stream_expression E>
    void operator()(E const&) const = delete; // a stream is checkpointed by `stream | checkpoint_every(d)`

    [[nodiscard]] constexpr auto operator()() const { return closure<local_checkpoint_fn>(); }

private:
    template <typename E, typename Chain>
    [[nodiscard]] static auto cut(E const&, pipeline<Chain> line, environment_ptr const& where)
    {
        return cut_rdd<E, false>(
            std::make_shared<local_checkpoint_dataset<Chain>>(std::move(line), where->blocks->get(), level_to_cut_v<E>),
            where);
    }
};

struct checkpoint_state_fn : operator_base {
    template <rdd_expression E>
    [[nodiscard]] checkpoint_progress operator()(E const& e) const
    {
        auto const found = checkpoint_of(e);
        return found ? found->progress() : checkpoint_progress::initialized;
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<checkpoint_state_fn>(); }
};

struct is_checkpointed_fn : operator_base {
    template <rdd_expression E>
    [[nodiscard]] bool operator()(E const& e) const
    {
        return checkpoint_state_fn{}(e) == checkpoint_progress::checkpointed;
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<is_checkpointed_fn>(); }
};

struct checkpoint_file_fn : operator_base {
    template <rdd_expression E>
    [[nodiscard]] std::optional<std::string> operator()(E const& e) const
    {
        auto const found = checkpoint_of(e);
        auto const folder = found ? found->folder() : std::nullopt;
        return folder ? std::optional(folder->describe()) : std::nullopt;
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<checkpoint_file_fn>(); }
};

struct remove_checkpoint_fn : operator_base {
    template <rdd_expression E>
    void operator()(E const& e) const
    {
        auto const found = checkpoint_of(e);
        if (auto const folder = found ? found->folder() : std::nullopt)
            folder->remove();
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<remove_checkpoint_fn>(); }
};

} // namespace detail

/// `rdd | checkpoint()`: marks the rdd. The first action on the result, or on what is built on it, computes all of it
/// once and writes it while it computes, one file per partition, into a folder of its own in the context's checkpoint
/// directory. From then on it is read from there: what it was computed from is let go.
///
/// The files are synced and read back before a last one, written in one atomic step, makes them true. When something
/// fails, the action throws it, nothing of it is left, and the next action tries again. Checkpoints below it are made
/// first. Marking twice is harmless. Nothing happens for actions on what stands before the mark.
///
/// *Requires* a context with a checkpoint directory (else it does not compile; for an `rdd<T>`, which hides that, it
/// throws `config_error`), and records that can be saved. *Partitions* as its parent does; keys lie as they did.
/// *After recovery* the files are still there: `rdd_context::read_checkpoint` opens them. Nobody deletes them, unless
/// asked by `remove_checkpoint` or `rdd_settings::clean_checkpoints`.
/// *Throws*, from the action, `storage_error`, `checkpoint_error`, and what a function in the steps threw.
/// See also: `persist`, `local_checkpoint`; `checkpoint_every` for streams. Example: `examples/rdd_checkpoint.cpp`.
inline constexpr detail::checkpoint_fn checkpoint{};

/// `rdd | local_checkpoint()`: cuts the lineage as `checkpoint` does, but keeps the partitions as `persist` does, in
/// memory and on disk (a persisted rdd: at its level, with disk). No directory is needed.
///
/// It is fast, and ends with the program: what is lost cannot be computed again, and reading it throws
/// `checkpoint_error`. On an rdd that is marked for `checkpoint`, it takes the place of the mark; when the files are
/// there already, nothing happens.
///
/// *Requires* records that can be saved, for some may go to disk, and that own their memory. *Partitions* as its parent
/// does; keys lie as they did. *After recovery* it is gone, and is computed again.
/// *Throws*, from the action, what a function in the steps threw, and `checkpoint_error` for a partition that is lost.
/// See also: `checkpoint`, `persist`, `unpersist`. Example: `examples/operators/local_checkpoint.cpp`.
inline constexpr detail::local_checkpoint_fn local_checkpoint{};

/// `checkpoint_state(e)`: how far the checkpoint of `e` has come, a `checkpoint_progress`; `initialized` for what
/// neither `checkpoint` nor `local_checkpoint` gave. Computes nothing.
///
/// *Requires* an rdd. *Threads*: may be called while an action runs.
/// See also: `is_checkpointed`. Example: `examples/operators/local_checkpoint.cpp`.
inline constexpr detail::checkpoint_state_fn checkpoint_state{};

/// `is_checkpointed(e)`: whether `e` is read from its checkpoint by now, a local one included. Computes nothing.
///
/// *Requires* an rdd. *Threads*: may be called while an action runs.
/// See also: `checkpoint_state`, `checkpoint_file`. Example: `examples/operators/local_checkpoint.cpp`.
inline constexpr detail::is_checkpointed_fn is_checkpointed{};

/// `checkpoint_file(e)`: where the files of its checkpoint are, a `std::string`; nothing before they are there, and for a
/// local one.
///
/// *Requires* an rdd. See also: `rdd_context::read_checkpoint`, which takes it. Example: `examples/rdd_checkpoint.cpp`.
inline constexpr detail::checkpoint_file_fn checkpoint_file{};

/// `remove_checkpoint(e)`: deletes the files of its checkpoint, if there are any. Reading it throws from then on.
///
/// *Requires* an rdd. *Throws* `storage_error`.
/// See also: `rdd_context::remove_checkpoint`, by the name of the folder. Example:
/// `examples/operators/local_checkpoint.cpp`.
inline constexpr detail::remove_checkpoint_fn remove_checkpoint{};

} // namespace tidemark
