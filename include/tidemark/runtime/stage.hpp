// SPDX-License-Identifier: BSL-1.0
//
// stage: the running side of a source or boundary node: one dataset for each batch time.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace tidemark {

/// What all stages have. A stage is built once for each node id; its parents are built before it.
class stage {
public:
    stage() = default;
    stage(stage const&) = delete;
    stage& operator=(stage const&) = delete;
    virtual ~stage() = default;

    /// Drops what is kept for batches up to `done`, but for those that are remembered longer. Called when no output of
    /// them will run any more.
    virtual void forget(batch_time done) = 0;

    /// From now on what is kept for a batch goes only when one that is `span` later is done.
    void remember(duration span) { remembered_ = span; }
    [[nodiscard]] bool remembers() const { return remembered_ > duration::zero(); }

    /// Nothing before the batch of `first` will ever be here.
    void begin_at(batch_time first) { first_ = std::max(first_, first); }

    /// How many datasets and inputs of batches are held now.
    [[nodiscard]] virtual std::size_t kept() const = 0;

protected:
    /// The last batch of which nothing need be kept when that of `done` is.
    [[nodiscard]] batch_time forgotten(batch_time done)
    {
        auto const last = done - remembered_;
        first_ = std::max(first_, last + duration(1));
        return last;
    }
    /// Whether what belonged to the batch of `time` has gone, or was never here.
    [[nodiscard]] bool is_forgotten(batch_time time) const { return time < first_; }

    /// *Throws* that the dataset of `time` is not here any more.
    [[noreturn]] static void refuse_forgotten(batch_time time)
    {
        throw usage_error("tidemark: the dataset of batch " + to_string(time)
                          + " is not kept any more; give the context remembering(d) for as long as later batches, or "
                            "slice, look back");
    }

private:
    duration remembered_{};
    batch_time first_;
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
        auto made = this->is_forgotten(time) ? make_again(time) : make(time);
        if (made && shared_)
            made =
                std::make_shared<kept_dataset<chain_start<Record>>>(pipeline(std::move(made), chain_start<Record>{}));
        if (made && producer_ && (shared_ || keeps_results()))
            made->count_as(producer_);
        return kept_.emplace(time, std::move(made)).first->second;
    }

    /// More than one consumer reads this stage, so its datasets are to be computed once and kept.
    void share() { shared_ = !keeps_results(); }

    /// Under what name updates of accumulators count that are made while a dataset of the stage is computed.
    void count_as(std::string producer) { producer_ = std::make_shared<std::string const>(std::move(producer)); }

    void forget(batch_time done) override { kept_.erase(kept_.begin(), kept_.upper_bound(forgotten(done))); }

    [[nodiscard]] std::size_t kept() const override { return kept_.size(); }

private:
    [[nodiscard]] virtual dataset_ptr<Record> make(batch_time time) = 0;
    /// The same for a batch that has been forgotten, which asks the parents in turn. *Throws* where that is not
    /// possible.
    [[nodiscard]] virtual dataset_ptr<Record> make_again(batch_time time) { return make(time); }
    /// True when the datasets that `make` gives hold their records anyway.
    [[nodiscard]] virtual bool keeps_results() const = 0;

    std::map<batch_time, dataset_ptr<Record>> kept_;
    bool shared_ = false;
    std::shared_ptr<std::string const> producer_;
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

} // namespace tidemark
