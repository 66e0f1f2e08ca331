// SPDX-License-Identifier: BSL-1.0
//
// serialization: a value to bytes and back, in one call.

#pragma once

#include <tidemark/checkpoint/detail/fresh.hpp>
#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/core/serializable.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace tidemark {

/// Appends `value` to `archive`. *Throws* as `output_archive`, and what the type's own `serialize` throws.
template <serializable T>
void save(output_archive& archive, T const& value)
{
    archive << value;
}

/// The next value of `archive`, which must have been saved as a `T`. *Throws* as `input_archive`.
template <serializable T>
    requires(!std::is_array_v<T>)
[[nodiscard]] T load(input_archive& archive)
{
    return detail::decoded<T>(archive);
}

/// The bytes of `value` alone. *Throws* as `output_archive`.
template <serializable T>
[[nodiscard]] std::vector<std::byte> to_bytes(T const& value)
{
    output_archive archive;
    archive << value;
    return {archive.bytes().begin(), archive.bytes().end()};
}

/// The value of which `bytes` are all the bytes. *Throws* as `input_archive`, and `corrupt_checkpoint` when some are
/// left.
template <serializable T>
    requires(!std::is_array_v<T>)
[[nodiscard]] T from_bytes(std::span<std::byte const> bytes)
{
    input_archive archive(bytes);
    T value = detail::decoded<T>(archive);
    if (archive.remaining() != 0)
        archive.damaged("the end of the value before the end of the bytes");
    return value;
}

} // namespace tidemark
