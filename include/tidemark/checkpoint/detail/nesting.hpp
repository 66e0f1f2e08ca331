// SPDX-License-Identifier: BSL-1.0
//
// nesting: how deep values may lie in each other, the same for saving and for restoring.

#pragma once

namespace tidemark::detail {

/// A tree of more levels is not saved; so damaged bytes cannot ask for more stack than a sound value does.
inline constexpr unsigned deepest_level = 500;

/// One level of an archive, from here to the end of the scope.
template <typename Archive>
class nesting {
public:
    explicit nesting(Archive& archive)
        : archive_(archive)
    {
        archive.enter(deepest_level);
    }
    nesting(nesting const&) = delete;
    nesting& operator=(nesting const&) = delete;
    ~nesting() { archive_.leave(); }

private:
    Archive& archive_;
};

} // namespace tidemark::detail
