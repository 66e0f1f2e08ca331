// SPDX-License-Identifier: BSL-1.0
//
// migrated: completes `streaming_context::migrated`: states of an older version's type become those of this one.

#pragma once

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/fixed_string.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/stream/streaming_context.hpp>
#include <tidemark/stream/upgrade.hpp>
#include <tidemark/time/slide.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace tidemark {

/// Reads an `Old`, and has the program's function make a `State` of it.
template <typename Old, typename State, typename Function>
class function_migration final : public state_migration_to<State> {
public:
    explicit function_migration(Function function)
        : schema_(schema_of<Old>())
        , made_(schema_of<State>())
        , function_(std::move(function))
    {}

    [[nodiscard]] std::string const& schema() const override { return schema_; }
    [[nodiscard]] std::string const& made() const override { return made_; }
    [[nodiscard]] State read(input_archive& in) const override { return std::invoke(function_, load<Old>(in)); }

private:
    std::string schema_;
    std::string made_;
    Function function_;
};

template <slide Batch, bool Checkpointed>
template <typename Old, fixed_string Name, std::invocable<Old> Function>
basic_streaming_context<Batch, Checkpointed>
basic_streaming_context<Batch, Checkpointed>::migrated(Function function) const
{
    using state = std::remove_cvref_t<std::invoke_result_t<Function const&, Old>>;
    static_assert(serializable<Old>, "tidemark::streaming_context::migrated: the old type cannot be read; give it a "
                                     "serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
    static_assert(serializable<state>,
                  "tidemark::streaming_context::migrated: what the function gives cannot be saved; "
                  "give the state that the stage holds now");
    static_assert(!Name.view().empty(), "tidemark::streaming_context::migrated: the stage has no name; give it the one "
                                        "of the stage that holds the states");
    auto changed = *this;
    if constexpr (serializable<Old> && serializable<state>)
        changed.properties_.upgrade.migrations[std::string(Name.view())].push_back(
            std::make_shared<function_migration<Old, state, Function>>(std::move(function)));
    return changed;
}

} // namespace tidemark
