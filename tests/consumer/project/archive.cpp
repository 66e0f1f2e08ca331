// SPDX-License-Identifier: BSL-1.0
//
// A program that asks for a plain Boost archive, and so links Boost's library.

#include <tidemark/version.hpp>

#include <boost/archive/text_iarchive.hpp>
#include <boost/archive/text_oarchive.hpp>

#include <sstream>

int main()
{
    std::stringstream stream;
    int const written = TIDEMARK_VERSION;
    boost::archive::text_oarchive(stream) << written;
    int read = 0;
    boost::archive::text_iarchive(stream) >> read;
    return read == written ? 0 : 1;
}
