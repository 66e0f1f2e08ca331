// SPDX-License-Identifier: BSL-1.0
//
// write_ahead_log: what a source has received is in the checkpoint's log before a batch computes with it.

#pragma once

#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/execution/dataset.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/sources/at_most_once.hpp>
#include <tidemark/sources/detail/memory_input.hpp>
#include <tidemark/stream/logged_plan.hpp>
#include <tidemark/stream/source.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace tidemark {
namespace detail {

/// What the plan of a batch holds of a logged source.
template <typename Record>
struct logged_batch {
    std::vector<std::byte> plan;                             ///< The source's own.
    std::optional<std::vector<std::vector<Record>>> records; ///< By partition; nothing: there is no dataset.

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & plan & records;
    }
};

/// The plan itself: the mark, the schema of the records, and the batch.
template <typename Record>
using logged_plan = std::tuple<std::uint64_t, std::string, logged_batch<Record>>;

/// Appends the records of a partition.
template <typename Record>
struct appending_sink {
    std::vector<Record>* out;

    void operator()(Record const& value) { out->push_back(value); }
    void operator()(Record&& value) { out->push_back(std::move(value)); }
    [[nodiscard]] bool done() const { return false; }
};

template <typename Record>
[[nodiscard]] std::vector<std::vector<Record>> records_of(dataset<Record>& data)
{
    std::vector<std::vector<Record>> all(data.partitions());
    for (std::size_t partition = 0; partition < all.size(); ++partition) {
        appending_sink<Record> sink{&all[partition]};
        sink_door<Record, appending_sink<Record>> door(sink);
        data.feed(partition, door);
    }
    return all;
}

} // namespace detail

/// The running side of a `logged_source`.
template <typename Record>
class logged_reader final : public source_reader<Record> {
public:
    explicit logged_reader(std::unique_ptr<source_reader<Record>> inner)
        : inner_(std::move(inner))
    {}

    void start() override { inner_->start(); }
    void stop() override { inner_->stop(); }
    [[nodiscard]] bool drained() const override { return inner_->drained(); }
    [[nodiscard]] std::optional<std::string> take_error() override { return inner_->take_error(); }
    [[nodiscard]] std::vector<receiver_change> take_receiver_changes() override
    {
        return inner_->take_receiver_changes();
    }

    [[nodiscard]] batch_input<Record> plan(batch_time time) override { return logged(inner_->plan(time)); }

    /// Gives what the log holds. The source is told, so that it stands where it stood; what it gives is not used. A batch
    /// that was planned before there was a log is what the source makes of it.
    [[nodiscard]] batch_input<Record> replay(batch_time time, std::span<std::byte const> plan) override
    {
        if (!detail::logged_schema(plan))
            return inner_->replay(time, plan);
        auto [mark, schema, batch] = from_bytes<detail::logged_plan<Record>>(plan);
        auto told = inner_->replay(time, batch.plan);
        return input(std::move(batch), {}, std::move(told.description)); // its plan is in the log already
    }

    [[nodiscard]] batch_input<Record> missed(batch_time time) override { return logged(inner_->missed(time)); }

    [[nodiscard]] std::vector<std::byte> position() const override { return inner_->position(); }
    void seek(std::span<std::byte const> position) override { inner_->seek(position); }
    void limit_rate(double records_per_second) override { inner_->limit_rate(records_per_second); }
    void planned(batch_time time) override { inner_->planned(time); }
    void committed(batch_time time) override { inner_->committed(time); }

private:
    [[nodiscard]] static batch_input<Record> logged(batch_input<Record> received)
    {
        detail::logged_batch<Record> batch;
        batch.plan = std::move(received.plan);
        if (received.data)
            batch.records = detail::records_of(*received.data);
        detail::logged_plan<Record> whole{detail::logged_plan_mark, schema_of<Record>(), std::move(batch)};
        auto plan = to_bytes(whole);
        return input(std::get<2>(std::move(whole)), std::move(plan), std::move(received.description));
    }

    [[nodiscard]] static batch_input<Record> input(detail::logged_batch<Record> batch, std::vector<std::byte> plan,
                                                   std::string description)
    {
        if (!batch.records)
            return detail::missing_input<Record>(std::move(plan));
        std::uint64_t total = 0;
        partitioned<Record> rows;
        for (auto& partition : *batch.records) {
            total += partition.size();
            rows.push_back(row_of(std::move(partition)));
        }
        return {std::make_shared<stored_dataset<Record>>(std::move(rows)), std::move(plan), detail::fixed_count{total},
                std::move(description)};
    }

    std::unique_ptr<source_reader<Record>> inner_;
};

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
        std::unique_ptr<source_reader<record_type>> inner = source_.open(environment);
        return inner ? std::make_unique<logged_reader<record_type>>(std::move(inner)) : nullptr;
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

struct write_ahead_log_fn : operator_base {
    template <expression Parent>
    [[nodiscard]] auto operator()(Parent parent) const
    {
        static_assert(is_stream_leaf<Parent>,
                      "tidemark::write_ahead_log: it logs a source; put it directly behind the source's stream");
        if constexpr (is_stream_leaf<Parent>) {
            using rules = write_ahead_log_rules<Parent>;
            static_assert(rules::value);
            if constexpr (!Parent::replayable && Parent::level::is_checkpointed
                          && serializable<typename Parent::record_type>)
                return leaf_with<logged_source>(std::move(parent));
            else
                return parent; // so that no other error follows
        } else {
            return parent;
        }
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<write_ahead_log_fn>(); }
};

} // namespace detail

/// `source_stream | write_ahead_log()`: what the source has received is in the checkpoint's log, safe from a loss of
/// power, before a batch computes with it; a batch that runs again after a crash has the same records.
///
/// What had arrived and was in no batch yet is lost in a crash, unless the sender sends it again: a receiver that
/// acknowledges does so in `source_reader::planned`. Each batch waits for one sync of the log, and a batch's records pass
/// through it; they go from there with the commits that cover them.
///
/// *Requires* the stream of a source that cannot be read again, serializable records, and a context with a checkpoint
/// directory.
/// See also: `at_most_once`, `exactly_once`. Example: `examples/operators/exactly_once.cpp`.
inline constexpr detail::write_ahead_log_fn write_ahead_log{};

} // namespace tidemark
