// SPDX-License-Identifier: BSL-1.0
//
// grid_cell: the batch grid of an application, which is known only when it starts.

#pragma once

#include <tidemark/time/batch_grid.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/duration.hpp>

#include <optional>

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

} // namespace tidemark
