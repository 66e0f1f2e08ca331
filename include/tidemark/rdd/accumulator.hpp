// SPDX-License-Identifier: BSL-1.0
//
// accumulator: a value that functions add to, and that counts each addition once.

#pragma once

#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/execution/updates.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {
namespace detail {

template <typename V>
concept number_accumulator_value = (std::integral<V> || std::floating_point<V>) && !std::same_as<V, bool>;

/// A vector, deque, list or set of what was added.
template <typename V>
concept collection_accumulator_value = requires(V& all, typename V::value_type const& one) {
    all.begin() != all.end();
    all.insert(all.end(), one);
};

/// A type with an `add` of its own, and a `merge` with another one, which it may move from.
template <typename V>
concept own_accumulator_value = requires(V& into, V const& other) { into.merge(other); };

} // namespace detail

/// What an accumulator can add up: a number, a collection of all that was added, or a type with `add(x)` and
/// `merge(V const&)`.
///
/// A default-constructed one is empty: merged with another it changes nothing.
template <typename V>
concept accumulator_value = std::copyable<V> && std::default_initializable<V>
                            && (detail::number_accumulator_value<V> || detail::collection_accumulator_value<V>
                                || detail::own_accumulator_value<V>);

/// What an accumulator that begins with an `Initial` adds up: whole numbers in 64 bits, others as `double` at least.
template <typename Initial>
using accumulated_t = std::conditional_t<
    std::signed_integral<Initial> && sizeof(Initial) < sizeof(std::int64_t), std::int64_t,
    std::conditional_t<std::unsigned_integral<Initial> && !std::same_as<Initial, bool>
                           && sizeof(Initial) < sizeof(std::uint64_t),
                       std::uint64_t, std::conditional_t<std::same_as<Initial, float>, double, Initial>>>;

/// A `Value` that functions of steps, states and outputs add to: `hits.add(x)` or `hits += x`, for a number, the
/// element of a collection, or whatever the value's own `add` takes.
///
/// An addition counts once, when what the function was called for has succeeded: for a stream, when its batch is done
/// (see `basic_streaming_context::accumulator`); for an rdd, when the tasks of the action have. Attempts that fail
/// count nothing. A step that two actions or outputs run each for itself counts for each.
/// Parts are merged in the order of the partitions, so that sums of `double` do not depend on threads. Sums of whole
/// numbers wrap.
///
/// *Threads*: all members may be called from any thread. Copies share one value.
template <typename Value>
class accumulator {
public:
    /// What counts so far.
    [[nodiscard]] Value value() const { return cell_->value(); }

    /// *Throws* `usage_error` for the accumulator of a stream outside of its batches.
    template <typename X>
    void add(X&& x) const
    {
        cell_->add(std::forward<X>(x));
    }

    /// `add(x)`.
    template <typename X>
    accumulator const& operator+=(X&& x) const
    {
        cell_->add(std::forward<X>(x));
        return *this;
    }

    /// Empty for one that belongs to no stream.
    [[nodiscard]] std::string const& name() const { return cell_->name(); }

    /// For contexts: an accumulator that begins with `initial`, and is known by `name` in a stream's checkpoint.
    [[nodiscard]] static accumulator make(std::string name, Value initial)
    {
        return accumulator(std::make_shared<cell>(std::move(name), std::move(initial)));
    }

    /// For applications.
    [[nodiscard]] std::shared_ptr<accumulator_cell> shared_cell() const { return cell_; }

private:
    struct part final : accumulated_part {
        Value value{};

        void merge(accumulated_part&& later) override { join(value, std::move(static_cast<part&>(later).value)); }
    };

    static void count(Value& into, Value more)
    {
        if constexpr (std::integral<Value>) { // wraps, signed numbers too
            using bits = std::make_unsigned_t<Value>;
            into = static_cast<Value>(static_cast<bits>(into) + static_cast<bits>(more));
        } else
            into += more;
    }

    static void join(Value& into, Value&& from)
    {
        if constexpr (detail::number_accumulator_value<Value>)
            count(into, from);
        else if constexpr (detail::own_accumulator_value<Value>)
            into.merge(std::move(from));
        else
            for (auto& one : from)
                into.insert(into.end(), std::move(one));
    }

    template <typename X>
    static void put(Value& into, X&& x)
    {
        using given = std::remove_cvref_t<X>;
        if constexpr (detail::number_accumulator_value<Value>) {
            static_assert(std::is_arithmetic_v<given> || std::convertible_to<X, Value>,
                          "tidemark::accumulator: what is added is no number");
            static_assert(
                !std::integral<Value> || !std::floating_point<given>,
                "tidemark::accumulator: a fraction is added to an accumulator of whole numbers; begin it with "
                "0.0, or convert what is added");
            count(into, static_cast<Value>(x));
        } else if constexpr (requires { into.add(std::forward<X>(x)); })
            into.add(std::forward<X>(x));
        else {
            static_assert(
                requires { into.insert(into.end(), std::forward<X>(x)); },
                "tidemark::accumulator: this cannot be added; add an element of the collection, or what the value's "
                "own "
                "add takes");
            into.insert(into.end(), std::forward<X>(x));
        }
    }

    class cell final : public accumulator_cell {
    public:
        cell(std::string name, Value initial)
            : accumulator_cell(std::move(name))
            , initial_(std::move(initial))
            , value_(initial_)
        {}

        template <typename X>
        void add(X&& x)
        {
            if (auto* const into = update_place::of_this_thread().into)
                return put(static_cast<part&>(into->of(*this)).value, std::forward<X>(x));
            part alone;
            put(alone.value, std::forward<X>(x));
            apply_outside(std::move(alone));
        }

        [[nodiscard]] Value value() const
        {
            std::scoped_lock const lock(mutex_);
            return value_;
        }

        [[nodiscard]] owner<accumulated_part> empty_part() const override { return make_owner<part>(); }

        void apply(accumulated_part&& made) override
        {
            std::scoped_lock const lock(mutex_);
            join(value_, std::move(static_cast<part&>(made).value));
        }

        void apply_outside(accumulated_part&& made) override
        {
            if (!name().empty())
                throw usage_error(
                    "tidemark::accumulator: \"" + name()
                    + "\" was added to outside of a batch, where nothing says that it counts once; add to "
                      "it in functions of steps, states and outputs, in the thread that calls them");
            apply(std::move(made));
        }

        void begin() override
        {
            std::scoped_lock const lock(mutex_);
            value_ = initial_;
        }

        // Of a value that cannot be saved no context with a checkpoint directory makes an accumulator.

        [[nodiscard]] std::string schema() const override
        {
            if constexpr (serializable<Value>)
                return schema_of<Value>();
            else
                return "";
        }

        [[nodiscard]] std::vector<std::byte> save() const override { return saved(value()); }

        void restore(std::span<std::byte const> bytes) override
        {
            auto found = loaded(bytes);
            std::scoped_lock const lock(mutex_);
            value_ = std::move(found);
        }

        [[nodiscard]] std::vector<std::byte> save_part(accumulated_part const& made) const override
        {
            return saved(static_cast<part const&>(made).value);
        }

        [[nodiscard]] owner<accumulated_part> load_part(std::span<std::byte const> bytes) const override
        {
            auto made = make_owner<part>();
            made->value = loaded(bytes);
            return made;
        }

    private:
        [[nodiscard]] static std::vector<std::byte> saved(Value const& value)
        {
            if constexpr (serializable<Value>)
                return to_bytes(value);
            else
                return {};
        }

        [[nodiscard]] static Value loaded(std::span<std::byte const> bytes)
        {
            if constexpr (serializable<Value>)
                return from_bytes<Value>(bytes);
            else
                return {};
        }

        Value const initial_;
        mutable std::mutex mutex_;
        Value value_;
    };

    explicit accumulator(std::shared_ptr<cell> shared)
        : cell_(std::move(shared))
    {}

    std::shared_ptr<cell> cell_;
};

namespace detail {

/// The rules for what an accumulator may add up.
template <typename Initial>
struct accumulator_rules {
    static_assert(
        accumulator_value<accumulated_t<Initial>>,
        "tidemark::accumulator: values of this type cannot be added up; give a number, a collection, or a type "
        "that can be copied and default-constructed, with add(x) and merge(V const&)");
    static constexpr bool value = true;
};

} // namespace detail
} // namespace tidemark
