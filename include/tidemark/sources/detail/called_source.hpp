// SPDX-License-Identifier: BSL-1.0
//
// called_source: under which name a source tells what is wrong with it.

#pragma once

#include <tidemark/core/error.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace tidemark::detail {

/// The base of sources whose settings can be wrong. `own` is the name of the type, which a program may never have
/// written.
template <typename Source>
class called_source {
public:
    /// The same source, whose messages name what the program has written; for those that make one.
    [[nodiscard]] Source called(std::string_view written) &&
    {
        called_ = written;
        return std::move(static_cast<Source&>(*this));
    }

protected:
    explicit called_source(std::string_view own)
        : called_(own)
    {}

    [[nodiscard]] std::string_view called() const& { return called_; }
    [[nodiscard]] config_error wrong(std::string const& what) const
    {
        return config_error("tidemark::" + std::string(called_) + ": " + what);
    }

private:
    std::string_view called_;
};

} // namespace tidemark::detail
