// SPDX-License-Identifier: BSL-1.0
//
// environment_cell: where the batches of an application are computed, which is known only when it starts.

#pragma once

#include <tidemark/execution/rdd_environment.hpp>

#include <utility>

namespace tidemark {

/// Where the batches of an application are computed, known from its start on.
class environment_cell {
public:
    void set(environment_ptr where) { where_ = std::move(where); }
    [[nodiscard]] environment_ptr const& get() const { return where_; }

private:
    environment_ptr where_;
};

} // namespace tidemark
