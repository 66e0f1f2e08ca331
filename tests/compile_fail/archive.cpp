// SPDX-License-Identifier: BSL-1.0
//
// archive: what cannot be saved or restored, found where an archive meets it, within a type's own serialize too.

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/output_archive.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <memory>
#include <string>
#include <vector>

struct stranger { // nothing says how it is saved
    int* where = nullptr;
};

struct numbered { // cannot be made without a number
    explicit numbered(int n)
        : number(n)
    {}
    int number;
};
BOOST_HANA_ADAPT_STRUCT(numbered, number);

struct holder {
    std::string name;
#if TIDEMARK_EXPECT_FAILURE == 1
    std::shared_ptr<int> inner;
#elif TIDEMARK_EXPECT_FAILURE == 2
    stranger inner;
#else
    int inner = 0;
#endif

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & name & inner;
    }
};

void round_trip(tidemark::output_archive& out, tidemark::input_archive& in)
{
#if TIDEMARK_EXPECT_FAILURE == 1
    // expect: tidemark::output_archive: a pointer, reference or view cannot be saved
    out << holder();
#elif TIDEMARK_EXPECT_FAILURE == 2
    // expect: tidemark::output_archive: nothing says how this type is saved
    out << holder();
#elif TIDEMARK_EXPECT_FAILURE == 3
    // expect: tidemark::input_archive: a pointer, reference or view cannot be restored
    std::unique_ptr<int> pointer;
    in >> pointer;
#elif TIDEMARK_EXPECT_FAILURE == 4
    // expect: tidemark::input_archive: nothing says how this type is restored
    stranger some;
    in >> some;
#elif TIDEMARK_EXPECT_FAILURE == 5
    // expect: tidemark::input_archive: what is const or temporary cannot be restored; pass a variable
    holder const fixed;
    in >> fixed;
#elif TIDEMARK_EXPECT_FAILURE == 6
    // expect: tidemark::input_archive: a value is made before it is restored; give the type a default constructor
    std::vector<numbered> some;
    in >> some;
#else
    holder some;
    out << some;
    in >> some;
    out << numbered(1);
#endif
}
