// SPDX-License-Identifier: BSL-1.0
//
// save_in_transactions: each batch in one transaction of a database, together with the note that it is there.

#pragma once

#include <tidemark/core/fixed_string.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/sinks/detail/count_updates.hpp>
#include <tidemark/stream/output.hpp>
#include <tidemark/time/batch_time.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {

/// An open transaction that takes records. Destroyed without `commit` it leaves nothing.
///
/// What `write` and `commit` throw fails the output for the batch.
template <typename T, typename Record>
concept record_transaction = std::movable<T> && requires(T& open, Record const& record) {
    open.write(record);
    open.commit();
};

namespace detail {

template <typename Sink>
concept begins = requires(Sink& sink, std::string const& output, batch_time time) { sink.begin(output, time); };

template <typename Sink>
using begun_t =
    std::remove_cvref_t<decltype(std::declval<Sink&>().begin(std::declval<std::string const&>(), batch_time()))>;

template <typename Sink>
concept gives_optional = begins<Sink> && requires { typename begun_t<Sink>::value_type; }
                         && std::same_as<begun_t<Sink>, std::optional<typename begun_t<Sink>::value_type>>;

template <typename Sink, typename Record>
concept takes = requires(typename begun_t<Sink>::value_type& open, Record const& record) { open.write(record); };

template <typename Sink>
concept commits = std::movable<typename begun_t<Sink>::value_type>
                  && requires(typename begun_t<Sink>::value_type& open) { open.commit(); };

} // namespace detail

/// A database that takes batches of `Record`s: a value, which touches nothing until it is asked to begin.
///
/// `begin(output, time)` opens a transaction, and in it notes that the batch of `time` of this output is there. When
/// that stands there already, it gives nothing. The output is called by the names of its application and its own, as in
/// "shop/totals", so that applications may share a database. The note must be true exactly when the records are there,
/// so it belongs into the same transaction, and must be kept for `settings::max_uncommitted` later batches of the output
/// at least. One call at a time. *An example*, with SQLite, is `examples/transactional_output.cpp`.
template <typename S, typename Record>
concept transactional_sink = std::copy_constructible<S> && detail::gives_optional<S>
                             && record_transaction<typename detail::begun_t<S>::value_type, Record>;

/// What `save_in_transactions` does with a batch.
template <typename Sink>
struct save_in_transactions_action {
    static constexpr bool idempotent = true;
    static constexpr bool notes_batches = true; ///< Outside of the checkpoint, by the name of the output.

    Sink sink;

    template <typename Rdd>
    void operator()(Rdd const& rdd, output_batch const& batch)
    {
        for (auto const& name : batch.former_names)
            if (!sink.begin(name, batch.time))
                return detail::count_updates(rdd);
        auto transaction = sink.begin(batch.name, batch.time);
        if (!transaction)
            return detail::count_updates(rdd);
        for (auto const& record : rdd | collect())
            transaction->write(record);
        transaction->commit();
    }
};

namespace detail {

/// What the compiler can tell of a sink.
template <typename Sink, typename Record, bool Named>
struct transactional_sink_rules {
    static_assert(Named, "tidemark::save_in_transactions: the output has no name, under which the database notes its "
                         "batches; give it one, as in save_in_transactions<\"totals\">(sink)");
    static_assert(std::copy_constructible<Sink>,
                  "tidemark::save_in_transactions: the sink cannot be copied; hold what cannot in a std::shared_ptr");
    static_assert(begins<Sink>, "tidemark::save_in_transactions: the sink begins no transactions; give it "
                                "`std::optional<T> begin(std::string const& output, tide::batch_time)`, which gives "
                                "nothing for a batch that is there already");
    static_assert(!begins<Sink> || gives_optional<Sink>,
                  "tidemark::save_in_transactions: `begin` of the sink must give a std::optional of a transaction, and "
                  "nothing for a batch that is there already");
    static_assert(!gives_optional<Sink> || takes<Sink, Record>,
                  "tidemark::save_in_transactions: the sink's transaction does not take these records; give it "
                  "`write(record)`");
    static_assert(!gives_optional<Sink> || commits<Sink>,
                  "tidemark::save_in_transactions: the sink's transaction cannot commit, or cannot be moved; give it "
                  "`commit()` and a move constructor");
    static constexpr bool value = Named && transactional_sink<Sink, Record>;
};

template <fixed_string Name>
struct save_in_transactions_fn {
    template <stream_expression Parent, typename Sink>
    [[nodiscard]] auto operator()(Parent parent, Sink sink) const
    {
        using action = save_in_transactions_action<Sink>;
        constexpr bool named = !Name.view().empty();
        (void)transactional_sink_rules<Sink, record_t<Parent>, named>::value;
        if constexpr (named && transactional_sink<Sink, record_t<Parent>>)
            return output<Parent, Name, action>(std::move(parent), action{std::move(sink)}, "save_in_transactions");
        else
            return output<Parent, Name, no_action>(std::move(parent), {},
                                                   "save_in_transactions"); // so that no other error follows
    }
};

} // namespace detail

/// `stream | save_in_transactions<"name">(sink)`: the records of each batch, in their order, in one transaction of a
/// database, with the note that this batch is there. A batch that runs again and is there already is left alone.
///
/// So each batch is in the database once, whole or not at all, and no reader sees a part of one. With `exactly_once`
/// behind it a loss of power changes nothing of that either. The records of a batch are collected in memory first, on
/// all threads; the sink is called by the thread that runs jobs.
/// An output that is `renamed` is looked for under its former names, too.
/// *Requires* a `transactional_sink` for the records, a name, and a context that is `named`.
/// See also: `exactly_once`. Example: `examples/transactional_output.cpp`.
template <fixed_string Name = "", typename Sink>
    requires(!expression<Sink>)
[[nodiscard]] auto save_in_transactions(Sink sink)
{
    return closure<detail::save_in_transactions_fn<Name>, Sink>(std::move(sink));
}

/// The stream as the first argument.
template <fixed_string Name = "", stream_expression Parent, typename Sink>
[[nodiscard]] auto save_in_transactions(Parent parent, Sink sink)
{
    return std::move(parent) | save_in_transactions<Name>(std::move(sink));
}

} // namespace tidemark
