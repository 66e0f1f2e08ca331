// SPDX-License-Identifier: BSL-1.0
//
// broadcast: an immutable value that all functions of a stream share, the same for a batch whenever it runs.

#pragma once

#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/time/batch_time.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// A broadcast value, whatever it is: its versions, by the batch from which on each is seen.
///
/// *Threads*: `plan` and `replay` by the generating thread, `use` and `save` by the one that runs jobs.
class broadcast_cell {
public:
    explicit broadcast_cell(std::string name)
        : name_(std::move(name))
    {}
    broadcast_cell(broadcast_cell const&) = delete;
    broadcast_cell& operator=(broadcast_cell const&) = delete;
    virtual ~broadcast_cell() = default;

    [[nodiscard]] std::string const& name() const { return name_; }

    /// Nothing was saved: makes the value. `late`: the application was there before, so that the plan of the first new
    /// batch must tell it.
    virtual void begin(bool late) = 0;
    [[nodiscard]] virtual std::string schema() const = 0;
    /// Puts a saved value in place.
    virtual void restore(std::span<std::byte const> saved) = 0;

    /// Decides on what the batch of `time` sees. Gives the value where it is a new one.
    [[nodiscard]] virtual std::optional<std::vector<std::byte>> plan(batch_time time) = 0;
    /// The batch of `time` sees what an earlier run has planned for it, as do those that follow.
    virtual void replay(batch_time time, std::span<std::byte const> saved) = 0;

    /// From now on the batch of `time` runs. Values that only earlier ones saw go.
    virtual void use(batch_time time) = 0;
    /// The value that the running batch sees.
    [[nodiscard]] virtual std::vector<std::byte> save() const = 0;

    /// While it lives, its thread generates a batch and sees what that batch will.
    class generation_scope {
    public:
        generation_scope() { generating() = true; }
        generation_scope(generation_scope const&) = delete;
        generation_scope& operator=(generation_scope const&) = delete;
        ~generation_scope() { generating() = false; }
    };

protected:
    [[nodiscard]] static bool& generating()
    {
        static thread_local bool now = false;
        return now;
    }

private:
    std::string name_;
};

/// A value that functions of steps, states and outputs read: `stop.value()`. See `basic_streaming_context::broadcast`.
///
/// *Threads*: all members may be called from any thread. Copies share one value.
template <typename Value>
class broadcast {
public:
    /// What the batch sees for which it is called; valid until that batch has ended. Elsewhere the value of the batch
    /// that runs, valid until the next one that sees another.
    ///
    /// *Throws* `usage_error` before the application has started.
    [[nodiscard]] Value const& value() const { return cell_->value(); }

    /// The next batch to be generated sees `value`, and so do all that follow, restarts included.
    ///
    /// It is durable with that batch: until then a restart forgets it.
    void update(Value value) const { cell_->update(std::move(value)); }

    /// Its identity in the checkpoint.
    [[nodiscard]] std::string const& name() const { return cell_->name(); }

    /// For contexts: a value that `make` makes when there is none in the checkpoint.
    [[nodiscard]] static broadcast from(std::string name, std::function<Value()> make)
    {
        return broadcast(std::make_shared<cell>(std::move(name), std::move(make)));
    }

    /// For applications.
    [[nodiscard]] std::shared_ptr<broadcast_cell> shared_cell() const { return cell_; }

private:
    class cell final : public broadcast_cell {
    public:
        cell(std::string name, std::function<Value()> make)
            : broadcast_cell(std::move(name))
            , make_(std::move(make))
        {}

        [[nodiscard]] Value const& value() const
        {
            auto const* const seen = (generating() ? newest_ : used_).load(std::memory_order_acquire);
            if (seen == nullptr)
                throw usage_error("tidemark::broadcast: \"" + name()
                                  + "\" was asked for its value before its application had started; ask for it in "
                                    "functions of steps, states and outputs of the context that made it");
            return *seen;
        }

        void update(Value value)
        {
            auto next = make_owner<Value const>(std::move(value));
            std::scoped_lock const lock(mutex_);
            next_ = std::move(next);
        }

        void begin(bool late) override
        {
            auto made = make_owner<Value const>(make_());
            std::scoped_lock const lock(mutex_);
            put_first(std::move(made));
            untold_ = late;
        }

        void restore(std::span<std::byte const> saved) override
        {
            auto found = loaded(saved);
            std::scoped_lock const lock(mutex_);
            put_first(std::move(found));
            untold_ = false;
        }

        [[nodiscard]] std::string schema() const override
        {
            if constexpr (serializable<Value>)
                return schema_of<Value>();
            else
                return "";
        }

        std::optional<std::vector<std::byte>> plan(batch_time time) override
        {
            std::scoped_lock const lock(mutex_);
            if (next_)
                put(time, std::move(next_));
            else if (!untold_)
                return std::nullopt;
            untold_ = false;
            return saved(*newest_.load(std::memory_order_relaxed));
        }

        void replay(batch_time time, std::span<std::byte const> planned) override
        {
            auto found = loaded(planned);
            std::scoped_lock const lock(mutex_);
            put(time, std::move(found));
            untold_ = false;
        }

        void use(batch_time time) override
        {
            std::scoped_lock const lock(mutex_);
            auto const seen = std::prev(versions_.upper_bound(time));
            used_.store(seen->second.get(), std::memory_order_release);
            versions_.erase(versions_.begin(), seen);
        }

        [[nodiscard]] std::vector<std::byte> save() const override
        {
            return saved(*used_.load(std::memory_order_relaxed));
        }

    private:
        void put_first(owner<Value const> first)
        {
            versions_.clear();
            auto const& kept = versions_[batch_time(std::numeric_limits<std::int64_t>::min())] = std::move(first);
            newest_.store(kept.get(), std::memory_order_release);
            used_.store(kept.get(), std::memory_order_release);
        }

        void put(batch_time time, owner<Value const> value)
        {
            auto& kept = versions_[time];
            kept = std::move(value);
            newest_.store(kept.get(), std::memory_order_release);
        }

        // Of a value that cannot be saved no context with a checkpoint directory makes a broadcast.

        [[nodiscard]] static std::vector<std::byte> saved(Value const& value)
        {
            if constexpr (serializable<Value>)
                return to_bytes(value);
            else
                return {};
        }

        [[nodiscard]] static owner<Value const> loaded(std::span<std::byte const> bytes)
        {
            if constexpr (serializable<Value>)
                return make_owner<Value const>(from_bytes<Value>(bytes));
            else
                return nullptr;
        }

        std::function<Value()> make_;
        std::mutex mutex_;
        std::map<batch_time, owner<Value const>> versions_;
        owner<Value const> next_; // what update has given and no batch has seen
        bool untold_ = false;     // no plan and no commit tells the newest one
        std::atomic<Value const*> newest_{nullptr};
        std::atomic<Value const*> used_{nullptr};
    };

    explicit broadcast(std::shared_ptr<cell> shared)
        : cell_(std::move(shared))
    {}

    std::shared_ptr<cell> cell_;
};

} // namespace tidemark
