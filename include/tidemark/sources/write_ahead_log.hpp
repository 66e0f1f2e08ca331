// SPDX-License-Identifier: BSL-1.0
//
// write_ahead_log: what a source has received is in the checkpoint's log before a batch computes with it.

#pragma once

#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/sources/at_most_once.hpp>
#include <tidemark/sources/detail/logged_batch.hpp>
#include <tidemark/stream/logged_plan.hpp>
#include <tidemark/stream/source.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// The running side of a `logged_source`.
template <typename Record>
class logged_reader final : public source_reader<Record> {
public:
    explicit logged_reader(std::unique_ptr<source_reader<Record>> inner)
        : inner_(std::move(inner))
    {}

    void start() override { inner_->start(); }
    [[nodiscard]] std::vector<std::string> start_notes() const override { return inner_->start_notes(); }
    void finish() override { inner_->finish(); }
    void stop() override { inner_->stop(); }
    [[nodiscard]] bool drained() const override { return inner_->drained(); }
    [[nodiscard]] std::optional<std::string> take_error() override { return inner_->take_error(); }
    [[nodiscard]] std::vector<receiver_change> take_receiver_changes() override
    {
        return inner_->take_receiver_changes();
    }

    /// What cannot be logged fails this batch and all that follow: they would be acknowledged in front of it.
    [[nodiscard]] batch_input<Record> plan(batch_time time) override
    {
        if (not_logged_)
            std::rethrow_exception(not_logged_);
        auto received = inner_->plan(time);
        try {
            return detail::logged(std::move(received));
        } catch (...) { // `serialize` of the program may throw anything
            not_logged_ = std::current_exception();
            throw;
        }
    }

    /// Gives what the log holds. The source is told, so that it stands where it stood; what it gives is not used. A batch
    /// that was planned before there was a log is what the source makes of it.
    [[nodiscard]] batch_input<Record> replay(batch_time time, std::span<std::byte const> plan) override
    {
        if (!detail::logged_schema(plan))
            return inner_->replay(time, plan);
        auto [mark, schema, batch] = from_bytes<detail::logged_plan<Record>>(plan);
        auto told = inner_->replay(time, batch.plan);
        return detail::logged_input(std::move(batch), {},
                                    std::move(told.description)); // its plan is in the log already
    }

    [[nodiscard]] batch_input<Record> missed(batch_time time) override { return detail::logged(inner_->missed(time)); }

    [[nodiscard]] std::vector<std::byte> position() const override { return inner_->position(); }
    void seek(std::span<std::byte const> position) override { inner_->seek(position); }
    void limit_rate(double records_per_second) override { inner_->limit_rate(records_per_second); }
    void planned(batch_time time) override { inner_->planned(time); }
    void committed(batch_time time) override { inner_->committed(time); }

private:
    std::unique_ptr<source_reader<Record>> inner_;
    std::exception_ptr not_logged_;
};

namespace detail {

/// Whether the reader of a source is a `receiving_reader`, whose records a log can take between batches; without looking
/// for one where it is not known.
template <typename Source>
concept receiver_source =
    requires(Source const& source, source_environment const& environment) { source.open(environment)->begin_log(); };

} // namespace detail

/// `Source`, whose records are written into the plan of the batch that takes them.
template <stream_source Source>
class logged_source {
public:
    using record_type = typename Source::record_type;

    static constexpr std::string_view name = Source::name;
    static constexpr bool replayable = true;
    static constexpr bool plan_holds_records = true;

    explicit logged_source(Source source)
        : source_(std::move(source))
    {}

    [[nodiscard]] std::string describe() const { return source_.describe(); }

    [[nodiscard]] std::unique_ptr<logged_reader<record_type>> open(source_environment const& environment) const
    {
        auto inner = source_.open(environment);
        if (!inner)
            return nullptr;
        if constexpr (detail::receiver_source<Source>)
            (void)inner->begin_log();
        return std::make_unique<logged_reader<record_type>>(std::move(inner));
    }

private:
    Source source_;
};

namespace detail {

/// What the compiler can tell of a stream that is to be logged.
template <typename Parent>
struct write_ahead_log_rules {
    static_assert(!Parent::replayable,
                  "tidemark::write_ahead_log: this source can be read again, so its records need no log; leave it out");
    static_assert(
        !requires { requires Parent::source_type::loss_accepted; },
        "tidemark::write_ahead_log: at_most_once() says of this source that losing records is accepted, and a "
        "log keeps them; leave one of the two out");
    static_assert(Parent::level::is_checkpointed, "tidemark::write_ahead_log: the context has no checkpoint directory; "
                                                  "pass a tide::checkpoint_directory to streaming_context");
    static_assert(serializable<typename Parent::record_type>,
                  "tidemark::write_ahead_log: the records must be serializable to be logged; give them a serialize "
                  "member, or include their Boost.Serialization header");
    static constexpr bool value = true;
};

/// What `write_ahead_log` may be given: a log for what waits between batches, as `block_log`. `Log::source` is `Source` with
/// such a log, made of both.
template <typename Log>
concept received_log = requires { requires Log::logs_received; };

struct write_ahead_log_fn : operator_base {
    template <expression Parent, received_log... Log>
    [[nodiscard]] auto operator()(Parent parent, Log... log) const
    {
        static_assert(is_stream_leaf<Parent>,
                      "tidemark::write_ahead_log: it logs a source; put it directly behind the source's stream");
        if constexpr (is_stream_leaf<Parent>) {
            using rules = write_ahead_log_rules<Parent>;
            static_assert(rules::value);
            if constexpr (!Parent::replayable && Parent::level::is_checkpointed
                          && serializable<typename Parent::record_type>)
                return with_log(std::move(parent), std::move(log)...);
            else
                return parent; // so that no other error follows
        } else {
            return parent;
        }
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<write_ahead_log_fn>(); }

    template <received_log Log>
    [[nodiscard]] auto operator()(Log log) const
    {
        return closure<write_ahead_log_fn, Log>(std::move(log));
    }

private:
    template <typename Leaf>
    [[nodiscard]] static auto with_log(Leaf leaf)
    {
        return leaf_with<logged_source>(std::move(leaf));
    }

    template <typename Leaf, typename Log>
    [[nodiscard]] static auto with_log(Leaf leaf, Log log)
    {
        constexpr bool receives = receiver_source<typename Leaf::source_type>;
        static_assert(receives,
                      "tidemark::write_ahead_log: blocks are logged of what receives in a thread, and the reader of "
                      "this source is no receiving_reader; derive it from that and let `open` give it by its own "
                      "type, or leave the block_log out");
        if constexpr (receives)
            return leaf_with<Log::template source>(std::move(leaf), std::move(log));
        else
            return leaf;
    }
};

} // namespace detail

/// `source_stream | write_ahead_log()`: what the source has received is in the checkpoint's log, safe from a loss of
/// power, before a batch computes with it; a batch that runs again after a crash has the same records.
///
/// What had arrived and was in no batch yet is lost in a crash, unless the sender sends it again: a receiver that
/// acknowledges does so when `receiving_reader::store` comes back, here with the batch, or at once with a log of what waits
/// between batches: `write_ahead_log(block_log{directory})`. Each batch waits for one sync of the log, and a batch's records
/// pass through it; they go from there with the commits that cover them.
///
/// *Requires* the stream of a source that cannot be read again, serializable records, and a context with a checkpoint
/// directory.
/// See also: `at_most_once`, `block_log`, `exactly_once`. Example: `examples/operators/exactly_once.cpp`.
inline constexpr detail::write_ahead_log_fn write_ahead_log{};

} // namespace tidemark
