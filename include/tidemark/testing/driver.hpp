// SPDX-License-Identifier: BSL-1.0
//
// driver: runs an application batch by batch in the test's own thread, on the test's own clock.

#pragma once

#include <tidemark/core/events.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/runtime/application.hpp>
#include <tidemark/runtime/batch_engine.hpp>
#include <tidemark/time/any_clock.hpp>
#include <tidemark/time/manual_clock.hpp>

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::testing {

/// Runs an application whose batches the test starts itself.
///
///     driver run(app);
///     run.start();                      // restores, and runs what an earlier run left undone
///     run.run_next();                   // one batch; the clock is set to its time
///     run.run_to(batch_time(10'000));   // all batches up to that one
///
/// The destructor ends the run as a kill would, without a commit; `stop` ends it cleanly.
class driver {
public:
    /// Takes `app` over. Its clock shows `now`.
    explicit driver(application app, batch_time now = batch_time())
        : clock_(std::make_shared<manual_clock>(now))
    {
        app.listen([told = told_](streaming_event const& event) { told->push_back(event); });
        engine_ = app.engine(any_clock(clock_));
    }

    /// Locks the checkpoint directory and restores; runs nothing yet. *Throws* what `application::start` throws.
    void restore()
    {
        engine_->start();
        next_ = engine_->plan().next;
    }

    /// `restore`, then `repeat`. *Throws* the first failure.
    void start()
    {
        restore();
        repeat();
    }

    /// Runs the batches of `to_repeat`. *Throws* the first failure.
    void repeat()
    {
        for (auto const time : to_repeat())
            expect_success(run(time));
    }

    /// Sets the clock to the time of the next batch, generates and runs it, and gives its outcome, a failure too.
    [[nodiscard]] batch_engine::outcome next()
    {
        auto const time = std::exchange(next_, next_ + engine_->graph().batch);
        if (clock_->now() < time)
            clock_->set(time);
        return run(time);
    }

    /// The next batch. *Throws* its failure.
    void run_next() { expect_success(next()); }

    /// Runs every batch up to that of `last`. *Throws* the first failure.
    void run_to(batch_time last)
    {
        while (next_ <= last)
            run_next();
    }

    /// Generates and runs the batch of `time`, and does what an application does before the next one. When one has ended
    /// the application, as too many batches without a commit do, none runs any more, and each gives the outcome of that
    /// one.
    batch_engine::outcome run(batch_time time)
    {
        if (last_.fatal)
            return last_;
        auto const batch = engine_->generate(time);
        last_ = engine_->run(*batch);
        while (engine_->work_in_spare_time()) {
        }
        return last_;
    }

    /// As `application::slice`.
    template <stream_expression E>
    [[nodiscard]] std::vector<rdd<record_t<E>>> slice(E const& stream, batch_time from, batch_time to) const
    {
        return engine_->slice(stream, from, to);
    }

    /// Pins the last batch that has run as the savepoint `name`, and commits it before if that has not been done. Gives
    /// its time. *Throws* as `application::save`.
    batch_time save(std::string const& name) { return engine_->save_last(name); }

    /// As `application::drop_savepoint`.
    void drop_savepoint(std::string const& name) { engine_->drop_savepoint(name); }

    /// A clean end: commits what has been run.
    void stop()
    {
        engine_->stop_sources();
        engine_->commit_at_end();
        engine_->close();
    }

    /// The batches that a restart runs first: those that an earlier run planned, and those missed while it was down.
    [[nodiscard]] std::vector<batch_time> to_repeat() const
    {
        auto times = engine_->plan().repeat;
        for (auto const time : engine_->plan().missed)
            times.push_back(time);
        return times;
    }
    /// The batch that `next` makes.
    [[nodiscard]] batch_time next_time() const { return next_; }
    /// The clock of the application, which `next` and `run_to` move.
    [[nodiscard]] manual_clock& clock() { return *clock_; }
    /// For tests that take the steps of a batch one by one.
    [[nodiscard]] batch_engine& engine() { return *engine_; }

    /// All events so far.
    [[nodiscard]] std::vector<streaming_event> const& events() const { return *told_; }

private:
    static void expect_success(batch_engine::outcome const& outcome)
    {
        if (outcome.failure)
            std::rethrow_exception(outcome.failure);
    }

    std::shared_ptr<manual_clock> clock_;
    std::shared_ptr<std::vector<streaming_event>> told_ = std::make_shared<std::vector<streaming_event>>();
    owner<batch_engine> engine_;
    batch_time next_;
    batch_engine::outcome last_;
};

} // namespace tidemark::testing
