// SPDX-License-Identifier: BSL-1.0
//
// own_serialize: whether a class defines how it is saved, by the convention of Boost.Serialization.

#pragma once

#include <concepts>
#include <type_traits>

namespace boost::serialization {

class access;
template <typename T>
struct version;

} // namespace boost::serialization

namespace tidemark {

/// Specialize it as `true` for a `T` whose `serialize` cannot be detected: a private one in a `final` class, or an
/// inherited one that saves all of `T`. Every other `serialize` is found without it.
template <typename T>
inline constexpr bool enable_serialize = false;

namespace detail::serialize_probe {

/// The archive that a `serialize` is checked with; none of it ever runs.
struct archive {
    using is_saving = std::true_type;
    using is_loading = std::false_type;

    template <typename T>
    archive& operator&(T&&);
    template <typename T>
    archive& operator<<(T&&);
    template <typename T>
    archive& operator>>(T&&);
};

/// A class version whose template argument makes lookup search the namespace of Boost.Serialization too.
template <typename Where>
struct version {
    operator unsigned() const;
};

/// Competes with Boost's own catch-all of the same shape. Alone it is chosen, which its result type shows; beside
/// Boost's the call is ambiguous. Only a `serialize` written for a type is more specialized than both.
struct nobodys {};
template <typename Archive, typename T>
nobodys serialize(Archive&, T&, unsigned const);

template <typename T>
concept free_one = requires(archive& ar, T& value, version<boost::serialization::access> const& number) {
    serialize(ar, value, number);
    requires !std::same_as<decltype(serialize(ar, value, number)), nobodys>;
};

template <typename T>
concept public_one = requires(archive& ar, T& value, unsigned number) { value.serialize(ar, number); };

template <typename Member, typename Class>
std::type_identity<Class> declares(Member Class::*);

/// A public member template. It is named twice because g++ checks access only where its type is asked for, and clang
/// only where it is an argument.
template <typename T>
concept open_template = requires {
    typename std::type_identity<decltype(&T::template serialize<archive>)>;
    declares(&T::template serialize<archive>);
};

/// A public member of that name with another signature, such as `std::string serialize() const`.
template <typename T>
concept stranger = !public_one<T> && (requires { declares(&T::serialize); } || open_template<T>);

struct namesake {
    void serialize();
};
template <typename T>
struct with_namesake : T, namesake {};

/// A member of that name, even a private one: a second one makes the name ambiguous, which is reported before access
/// is checked.
template <typename T>
concept hidden_one =
    !std::is_final_v<T> && !public_one<T> && !stranger<T> && !requires { &with_namesake<T>::serialize; };

/// A `serialize` inherited from a base that holds only a part of `T`: it would silently lose the rest.
template <typename T>
concept of_base_only = open_template<T> && requires {
    requires !std::is_empty_v<typename decltype(declares(&T::template serialize<archive>))::type>;
    requires sizeof(typename decltype(declares(&T::template serialize<archive>))::type) < sizeof(T);
};

} // namespace detail::serialize_probe

/// A free `serialize(Archive&, T&, unsigned)` in the namespace of `T` or of Boost.Serialization.
template <typename T>
concept free_serialize = (std::is_class_v<T> || std::is_union_v<T>) && detail::serialize_probe::free_one<T>;

/// A member `serialize(Archive&, unsigned)`. A private one counts, even an inherited one, since
/// `boost::serialization::access` may be a friend.
template <typename T>
concept member_serialize =
    std::is_class_v<T>
    && (enable_serialize<T> || (detail::serialize_probe::public_one<T> && !detail::serialize_probe::of_base_only<T>)
        || detail::serialize_probe::hidden_one<T>);

/// The number that `BOOST_CLASS_VERSION` gives a class; 0 where it was not used.
template <typename T>
consteval unsigned class_version() noexcept
{
    if constexpr (requires { boost::serialization::version<T>::value; })
        return static_cast<unsigned>(boost::serialization::version<T>::value);
    else
        return 0;
}

} // namespace tidemark
