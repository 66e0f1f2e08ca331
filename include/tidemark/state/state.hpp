// SPDX-License-Identifier: BSL-1.0
//
// state: the handle through which a tracking function sees and changes the state of one key.

#pragma once

#include <tidemark/core/error.hpp>

#include <optional>
#include <string>
#include <utility>

namespace tidemark {
namespace detail {

/// A call that the handle of a state refuses; its stage adds where that was.
struct refused_state_call : usage_error {
    using usage_error::usage_error;
};

} // namespace detail

/// The state of the key that a function given to `map_with_state` was called for. It may be used during that call only.
template <typename State>
class state {
public:
    state(state const&) = delete;
    state& operator=(state const&) = delete;

    /// Whether the key has a state now.
    [[nodiscard]] bool exists() const { return current_ != nullptr; }

    /// The state. *Throws* `usage_error` when there is none.
    [[nodiscard]] State const& get() const
    {
        if (current_ == nullptr)
            throw detail::refused_state_call(
                "tidemark::state::get: the key has no state; ask exists() first, or use get_option()");
        return *current_;
    }

    /// A copy of the state, or nothing.
    [[nodiscard]] std::optional<State> get_option() const
    {
        return current_ == nullptr ? std::nullopt : std::optional<State>(*current_);
    }

    /// Sets the state. *Throws* `usage_error` after `remove()` in this call, and while the key is timing out.
    void update(State value)
    {
        refuse("update");
        fresh_ = std::move(value);
        current_ = &*fresh_;
    }

    /// Removes the state; allowed when there was none. *Throws* `usage_error` the second time, and while the key is
    /// timing out.
    void remove()
    {
        refuse("remove");
        fresh_.reset();
        current_ = nullptr;
        removed_ = true;
    }

    /// Whether this is the last call for an idle key, after which its state is gone.
    [[nodiscard]] bool is_timing_out() const { return timing_out_; }

private:
    template <typename, typename, typename>
    friend class keyed_state;

    state(State const* stored, bool timing_out)
        : current_(stored)
        , timing_out_(timing_out)
    {}

    void refuse(char const* call) const
    {
        if (removed_)
            throw detail::refused_state_call(std::string("tidemark::state::") + call
                                             + ": the state was removed earlier in this call");
        if (timing_out_)
            throw detail::refused_state_call(
                std::string("tidemark::state::") + call
                + ": the key is timing out, and its state goes by itself; ask is_timing_out() first, and "
                  "return without "
                + call + "() then");
    }

    State const* current_;
    std::optional<State> fresh_;
    bool timing_out_;
    bool removed_ = false;
};

} // namespace tidemark
