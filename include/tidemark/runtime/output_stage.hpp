// SPDX-License-Identifier: BSL-1.0
//
// output_stage: the running side of an output: its jobs, at the times at which its stream has a batch.

#pragma once

#include <tidemark/core/owner.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>
#include <tidemark/runtime/advancing_stage.hpp>
#include <tidemark/runtime/grid_cell.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/stream/output.hpp>
#include <tidemark/time/batch_time.hpp>

#include <concepts>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// What is to be done for one output in one batch.
class output_job {
public:
    output_job() = default;
    output_job(output_job const&) = delete;
    output_job& operator=(output_job const&) = delete;
    virtual ~output_job() = default;

    virtual void run() = 0;
};

/// By what an output is known.
struct output_identity {
    std::string name;
    std::string description;               ///< Which operation it is.
    std::string whole_name;                ///< With that of the application.
    std::vector<std::string> former_names; ///< The same, as older versions of the program had it.
    bool forgets = false;                  ///< Some source above it cannot give a batch again.
};

/// The running side of an output.
class output_stage {
public:
    output_stage(output_identity identity, std::vector<advancing_stage*> above)
        : identity_(std::move(identity))
        , above_(std::move(above))
    {}
    output_stage(output_stage const&) = delete;
    output_stage& operator=(output_stage const&) = delete;
    virtual ~output_stage() = default;

    [[nodiscard]] std::string const& name() const { return identity_.name; }
    [[nodiscard]] std::string const& description() const { return identity_.description; }
    /// The states and windows that this output stands on, in the order in which they advance.
    [[nodiscard]] std::vector<advancing_stage*> const& above() const { return above_; }

    /// The job for the batch of `time`; null when the stream has no dataset then. `repeated`: an earlier run has
    /// planned the batch.
    [[nodiscard]] virtual owner<output_job> job(batch_time time, bool repeated, environment_ptr const& environment) = 0;

protected:
    [[nodiscard]] output_batch batch_of(batch_time time, bool repeated) const
    {
        return {time, identity_.whole_name, identity_.former_names, repeated && identity_.forgets};
    }

private:
    output_identity identity_;
    std::vector<advancing_stage*> above_;
};

/// Calls `Action` with the rdd of each batch of the stream `Parent`.
template <typename Parent, typename Action>
class action_stage final : public output_stage {
public:
    template <typename Output>
    action_stage(output_identity identity, std::vector<advancing_stage*> above, Output const& out,
                 stream_line<chain_t<Parent>> line, grid_cell const& grid)
        : output_stage(std::move(identity), std::move(above))
        , parent_(out.parent)
        , action_(out.action)
        , line_(std::move(line))
        , grid_(&grid)
    {}

    owner<output_job> job(batch_time time, bool repeated, environment_ptr const& environment) override
    {
        if (!grid_->is_valid(time, parent_.slide().value()))
            return nullptr;
        auto data = line_.origin()->at(time);
        if (!data)
            return nullptr;
        using leaf = rdd_leaf<record_t<origin_t<Parent>>, false>;
        return make_owner<call>(action_, detail::rebased<Parent>::make(parent_, leaf(std::move(data), environment)),
                                batch_of(time, repeated));
    }

private:
    struct call final : output_job {
        call(Action& what, batch_rdd_t<Parent> with, output_batch at)
            : action(what)
            , rdd(std::move(with))
            , batch(std::move(at))
        {}

        void run() override
        {
            if constexpr (std::invocable<Action&, batch_rdd_t<Parent> const&, batch_time>)
                std::invoke(action, std::as_const(rdd), batch.time);
            else if constexpr (std::invocable<Action&, batch_rdd_t<Parent> const&, output_batch const&>)
                std::invoke(action, std::as_const(rdd), std::as_const(batch));
            else
                std::invoke(action, std::as_const(rdd));
        }

        Action& action;
        batch_rdd_t<Parent> rdd;
        output_batch batch;
    };

    Parent parent_;
    Action action_;
    stream_line<chain_t<Parent>> line_;
    grid_cell const* grid_;
};

} // namespace tidemark
