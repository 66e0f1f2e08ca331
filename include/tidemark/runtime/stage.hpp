// SPDX-License-Identifier: BSL-1.0
//
// stage: the running side of a source or boundary node: one dataset for each batch time.

#pragma once

#include <tidemark/checkpoint/records.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/time/batch_grid.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// The batch grid of an application, known from its start on.
class grid_cell {
public:
    void set(batch_grid grid) { grid_ = grid; }
    [[nodiscard]] batch_grid const& get() const { return *grid_; }
    [[nodiscard]] bool is_valid(batch_time time, duration slide) const { return grid_->is_valid(time, slide); }

private:
    std::optional<batch_grid> grid_;
};

/// What all stages have. A stage is built once for each node id; its parents are built before it.
class stage {
public:
    stage() = default;
    stage(stage const&) = delete;
    stage& operator=(stage const&) = delete;
    virtual ~stage() = default;

    /// Drops what is kept for `done` and earlier batches. Called when no output of them will run any more.
    virtual void forget(batch_time done) = 0;

    /// How many datasets and inputs of batches are held now.
    [[nodiscard]] virtual std::size_t kept() const = 0;
};

/// A stage whose datasets hold `Record`s.
///
/// *Threads*: `at` is called by the generating thread, `forget` by the one that runs jobs; the engine keeps them apart.
template <typename Record>
class dataset_stage : public stage {
public:
    /// The dataset of `time`, the same one at each call; null when there is none.
    [[nodiscard]] dataset_ptr<Record> at(batch_time time)
    {
        auto const found = kept_.find(time);
        if (found != kept_.end())
            return found->second;
        auto made = make(time);
        if (made && shared_)
            made =
                std::make_shared<kept_dataset<chain_start<Record>>>(pipeline(std::move(made), chain_start<Record>{}));
        return kept_.emplace(time, std::move(made)).first->second;
    }

    /// More than one consumer reads this stage, so its datasets are to be computed once and kept.
    void share() { shared_ = keeps_results() ? false : true; }

    void forget(batch_time done) override { kept_.erase(kept_.begin(), kept_.upper_bound(done)); }

    [[nodiscard]] std::size_t kept() const override { return kept_.size(); }

private:
    [[nodiscard]] virtual dataset_ptr<Record> make(batch_time time) = 0;
    /// True when the datasets that `make` gives hold their records anyway.
    [[nodiscard]] virtual bool keeps_results() const = 0;

    std::map<batch_time, dataset_ptr<Record>> kept_;
    bool shared_ = false;
};

/// The steps of a stream expression over the stage in which they begin.
template <typename Chain>
class stream_line {
public:
    stream_line(std::shared_ptr<dataset_stage<typename Chain::input>> from, Chain steps)
        : origin_(std::move(from))
        , steps_(std::move(steps))
    {}

    /// The batch of `time`, or nothing when there is no dataset.
    [[nodiscard]] std::optional<pipeline<Chain>> at(batch_time time) const
    {
        auto data = origin_->at(time);
        if (!data)
            return std::nullopt;
        return pipeline<Chain>(std::move(data), steps_);
    }

    [[nodiscard]] std::shared_ptr<dataset_stage<typename Chain::input>> const& origin() const { return origin_; }

private:
    std::shared_ptr<dataset_stage<typename Chain::input>> origin_;
    [[no_unique_address]] Chain steps_;
};

/// A stage with work to do in each batch, whether or not an output reads it: a state or a window.
class advancing_stage {
public:
    advancing_stage() = default;
    advancing_stage(advancing_stage const&) = delete;
    advancing_stage& operator=(advancing_stage const&) = delete;
    virtual ~advancing_stage() = default;

    /// The states and windows that this one reads, in the order in which they advance; they come first.
    [[nodiscard]] std::vector<advancing_stage*> const& above() const { return above_; }
    void stand_on(std::vector<advancing_stage*> above) { above_ = std::move(above); }

    /// Takes hold of the input of `time`; in the generating thread.
    virtual void generate(batch_time time) = 0;
    /// Brings the stage from the batch before to `time`; in the thread that runs jobs. When it throws, the stage is as before.
    virtual void advance(batch_time time, any_executor const& executor) = 0;

    [[nodiscard]] virtual stage_image save() const = 0;
    /// *Throws* `incompatible_checkpoint` when the image was made of other types, `corrupt_checkpoint` when it makes no sense.
    virtual void restore(stage_image const& image, any_executor const& executor) = 0;
    /// Nothing was restored: the states with which the program begins, at the zero time; the first batch is that of `first`.
    virtual void begin(batch_time zero, batch_time first) = 0;

    [[nodiscard]] virtual std::string const& name() const = 0;
    [[nodiscard]] virtual std::string_view kind() const = 0;

    [[nodiscard]] virtual stage_info info() const = 0;
    /// How often a commit is due for its sake; zero when it asks for none.
    [[nodiscard]] virtual duration interval() const = 0;

private:
    std::vector<advancing_stage*> above_;
};

} // namespace tidemark
