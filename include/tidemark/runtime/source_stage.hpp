// SPDX-License-Identifier: BSL-1.0
//
// source_stage: the running side of a source.

#pragma once

#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/execution/dataset.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/stream/logged_plan.hpp>
#include <tidemark/stream/source.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// A source of the application, whatever its records are.
class source_stage {
public:
    explicit source_stage(std::string name)
        : name_(std::move(name))
    {}
    source_stage(source_stage const&) = delete;
    source_stage& operator=(source_stage const&) = delete;
    virtual ~source_stage() = default;

    [[nodiscard]] std::string const& name() const { return name_; }
    /// Of what kind the source is. One of another kind can do nothing with its position and plans.
    [[nodiscard]] virtual std::string_view kind() const = 0;

    virtual void open(source_environment const& environment) = 0;
    /// Goes back to a position of an earlier run; adds to `notes` what the one who runs the program should look at.
    virtual void seek(std::span<std::byte const> position, std::vector<std::string>& notes) = 0;
    virtual void start() = 0;
    [[nodiscard]] virtual std::vector<std::string> start_notes() const = 0;
    virtual void finish() = 0;
    virtual void stop() = 0;
    [[nodiscard]] virtual bool drained() const = 0;
    [[nodiscard]] virtual std::vector<std::byte> position() const = 0;
    virtual void limit_rate(double records_per_second) = 0;
    virtual void plan_written(batch_time time) = 0;
    virtual void committed(batch_time time) = 0;

    /// Decides on the input of `time`, or takes over what was planned for it. What this throws, `at(time)` throws to
    /// those who read the stage. Once `replay` has thrown, `plan` throws the same: a restart may have it right.
    virtual void plan(batch_time time) = 0;
    virtual void replay(batch_time time, std::span<std::byte const> plan) = 0;
    /// *Throws* `incompatible_checkpoint` for a plan of an earlier run that holds records which this program's source
    /// does not take from it.
    virtual void expect_readable(batch_time time, std::span<std::byte const> plan) const = 0;
    /// An earlier run could not plan the input of `time`, and went on.
    virtual void missed(batch_time time) = 0;
    /// What the log must say to have the same input again; nothing when planning failed.
    [[nodiscard]] virtual std::optional<std::vector<std::byte>> planned(batch_time time) const = 0;
    /// Whether plans hold the records.
    [[nodiscard]] virtual bool is_logged() const = 0;
    /// Whether the source gave something to the batch, and did not fail.
    [[nodiscard]] virtual bool has_input(batch_time time) const = 0;
    [[nodiscard]] virtual std::uint64_t records(batch_time time) const = 0;
    [[nodiscard]] virtual std::optional<std::string> take_error() = 0;

    /// Whether a batch that runs again is given the same input again; if not, what had come for it is lost.
    [[nodiscard]] virtual bool replayable() const = 0;
    /// Whether batches that are planned once more, from an earlier position, get what they got before.
    [[nodiscard]] virtual bool plans_repeat() const = 0;
    /// What the source is, for people.
    [[nodiscard]] virtual std::string describe() const { return {}; }
    /// What it gave to the batch of `time`, for people.
    [[nodiscard]] virtual std::string describe_input(batch_time /*time*/) const { return {}; }
    [[nodiscard]] virtual std::vector<receiver_change> take_receiver_changes() { return {}; }

private:
    std::string name_;
};

/// The stage of a `stream_leaf<Source>`.
template <stream_source Source>
class leaf_stage final : public dataset_stage<typename Source::record_type>, public source_stage {
public:
    using record_type = typename Source::record_type;

    leaf_stage(std::string name, Source source)
        : source_stage(std::move(name))
        , source_(std::move(source))
    {}

    [[nodiscard]] std::string_view kind() const override { return Source::name; }
    void open(source_environment const& environment) override
    {
        reader_ = source_.open(environment);
        if (!reader_)
            throw config_error("tidemark::source_stream: `open` of the source \"" + name() + "\" (" + describe()
                               + ") gave a null pointer; give a reader, or throw source_error when there can be none");
    }
    void seek(std::span<std::byte const> position, std::vector<std::string>& notes) override
    {
        if constexpr (!requires { requires Source::logs_blocks; })
            if (auto const behind_blocks = detail::decode_block_position(position)) { // an earlier program logged them
                notes.push_back(detail::blocks_left_of(name(), *behind_blocks) + ", until it has that block_log again");
                return reader_->seek(behind_blocks->source);
            }
        reader_->seek(position);
    }
    void start() override { reader_->start(); }
    [[nodiscard]] std::vector<std::string> start_notes() const override { return reader_->start_notes(); }
    void finish() override { reader_->finish(); }
    void stop() override { reader_->stop(); }
    [[nodiscard]] bool drained() const override { return reader_->drained(); }
    [[nodiscard]] std::vector<std::byte> position() const override { return reader_->position(); }
    void limit_rate(double records_per_second) override { reader_->limit_rate(records_per_second); }
    void plan_written(batch_time time) override { reader_->planned(time); }
    void committed(batch_time time) override { reader_->committed(time); }

    [[nodiscard]] std::optional<std::string> take_error() override { return reader_->take_error(); }
    [[nodiscard]] bool replayable() const override { return Source::replayable; }
    [[nodiscard]] bool plans_repeat() const override { return requires { requires Source::plans_repeat; }; }
    [[nodiscard]] std::string describe() const override { return source_.describe(); }
    [[nodiscard]] std::string describe_input(batch_time time) const override
    {
        auto const found = inputs_.find(time);
        return found == inputs_.end() ? std::string() : found->second.taken.description;
    }
    [[nodiscard]] std::vector<receiver_change> take_receiver_changes() override
    {
        return reader_->take_receiver_changes();
    }

    void plan(batch_time time) override
    {
        take(time, [&] {
            if (not_replayed_) // the reader does not stand behind that batch and could plan its records again
                std::rethrow_exception(not_replayed_);
            return reader_->plan(time);
        });
    }
    void replay(batch_time time, std::span<std::byte const> plan) override
    {
        take(time, [&] {
            try {
                return reader_->replay(time, plan);
            } catch (...) {
                not_replayed_ = std::current_exception();
                throw;
            }
        });
    }
    void expect_readable(batch_time time, std::span<std::byte const> plan) const override
    {
        auto const saved = detail::logged_schema(plan);
        if (!saved)
            return;
        auto const words = "the checkpoint holds what source \"" + name() + "\" received for batch " + to_string(time)
                           + ", which is not committed, ";
        constexpr auto otherwise = ", or run the program that wrote it to a clean stop first";
        if constexpr (requires { requires Source::plan_holds_records; }) {
            if (auto const mine = schema_of<record_type>(); !schema_reads(mine, *saved))
                throw incompatible_checkpoint(words + "as records " + *saved + ", and this program expects " + mine
                                              + "; give them their former type" + otherwise);
        } else
            throw incompatible_checkpoint(words + "and this program does not log that source, so the batch would be "
                                          + "empty; put `| tide::write_ahead_log()` behind it again" + otherwise);
    }
    void missed(batch_time time) override
    {
        take(time, [&] { return reader_->missed(time); });
    }

    [[nodiscard]] std::optional<std::vector<std::byte>> planned(batch_time time) const override
    {
        auto const& given = inputs_.at(time);
        return given.failure ? std::nullopt : std::optional(given.taken.plan);
    }

    [[nodiscard]] bool is_logged() const override
    {
        return requires { requires Source::plan_holds_records; };
    }
    [[nodiscard]] bool has_input(batch_time time) const override { return !inputs_.at(time).failure; }

    [[nodiscard]] std::uint64_t records(batch_time time) const override
    {
        auto const found = inputs_.find(time);
        return found == inputs_.end() || !found->second.taken.records ? 0 : found->second.taken.records();
    }

    void forget(batch_time done) override
    {
        inputs_.erase(inputs_.begin(), inputs_.upper_bound(this->forgotten(done)));
        dataset_stage<record_type>::forget(done);
    }
    [[nodiscard]] std::size_t kept() const override { return inputs_.size() + dataset_stage<record_type>::kept(); }

private:
    struct input {
        batch_input<record_type> taken;
        std::exception_ptr failure;
    };

    /// *Throws* `usage_error` the second time: what a batch has been given is told once and planned once.
    template <typename Take>
    void take(batch_time time, Take const& how)
    {
        if (inputs_.contains(time))
            throw usage_error("the source \"" + name() + "\" has given the batch of " + to_string(time)
                              + " its input before; each batch is generated once");
        input got;
        try {
            got.taken = how();
        } catch (...) {
            got.failure = std::current_exception();
        }
        inputs_.emplace(time, std::move(got));
    }

    dataset_ptr<record_type> make(batch_time time) override
    {
        auto const found = inputs_.find(time);
        if (found == inputs_.end())
            return nullptr;
        if (found->second.failure)
            std::rethrow_exception(found->second.failure);
        return found->second.taken.data;
    }
    dataset_ptr<record_type> make_again(batch_time time) override
    {
        auto again = reader_->again(time);
        if (!again)
            this->refuse_forgotten(time);
        return std::move(again->data);
    }
    bool keeps_results() const override { return false; }

    Source source_;
    std::unique_ptr<source_reader<record_type>> reader_;
    std::map<batch_time, input> inputs_;
    std::exception_ptr not_replayed_; // why a batch that an earlier run planned cannot be had
};

} // namespace tidemark
