// SPDX-License-Identifier: BSL-1.0
//
// rdd_checkpoint: what cannot be persisted or checkpointed.

#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/checkpoint.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace level = tidemark::storage_level;
using tidemark::rdd_context;

struct opaque {
    std::shared_ptr<int> value;
};

inline auto words() { return rdd_context().parallelize(std::vector<std::string>{"a"}, 1); }
inline auto saved_words()
{
    return rdd_context(1, tidemark::checkpoint_directory("state")).parallelize(std::vector<std::string>{"a"}, 1);
}
inline auto opaques() { return rdd_context().parallelize(std::vector<opaque>{}, 1); }
inline auto saved_opaques()
{
    return rdd_context(1, tidemark::checkpoint_directory("state")).parallelize(std::vector<opaque>{}, 1);
}
inline auto const view = [](std::string const& word) { return std::string_view(word); };
inline auto const size = [](std::string const& word) { return word.size(); };

int main()
{
#if TIDEMARK_EXPECT_FAILURE == 1
    // expect: tidemark::checkpoint: the context has no checkpoint directory; pass a tide::checkpoint_directory to rdd_context
    auto made = words() | tidemark::checkpoint();
#elif TIDEMARK_EXPECT_FAILURE == 2
    // expect: tidemark::checkpoint: the records cannot be saved; give them a serialize member or BOOST_HANA_ADAPT_STRUCT
    auto made = saved_opaques() | tidemark::checkpoint();
#elif TIDEMARK_EXPECT_FAILURE == 3
    // expect: tidemark::persist: records that cannot be saved can be kept in memory only, as they are
    auto made = opaques() | tidemark::persist(level::memory_only_ser);
#elif TIDEMARK_EXPECT_FAILURE == 4
    // expect: tidemark::persist: records that cannot be saved can be kept in memory only, as they are
    auto made = opaques() | tidemark::persist(level::memory_and_disk);
#elif TIDEMARK_EXPECT_FAILURE == 5
    // expect: tidemark::persist: the level of what is persisted cannot be changed; persist what stands before it at the other level, after unpersist
    auto made = words() | tidemark::persist(level::memory_only) | tidemark::persist(level::disk_only);
#elif TIDEMARK_EXPECT_FAILURE == 6
    // expect: tidemark::persist: the records are or hold pointers, references or views
    auto made = words() | tidemark::map(view) | tidemark::persist();
#elif TIDEMARK_EXPECT_FAILURE == 7
    // expect: tidemark::local_checkpoint: the records cannot be saved, and some may have to go to disk
    auto made = opaques() | tidemark::local_checkpoint();
#elif TIDEMARK_EXPECT_FAILURE == 8
    // expect: tidemark::unpersist: a step was added to what is persisted; give unpersist the expression that persist gave
    auto made = words() | tidemark::persist() | tidemark::map(size);
    tidemark::unpersist(made);
#elif TIDEMARK_EXPECT_FAILURE == 9
    // expect: tidemark::local_checkpoint: the records are or hold pointers, references or views
    auto made = words() | tidemark::map(view) | tidemark::local_checkpoint();
#elif TIDEMARK_EXPECT_FAILURE == 10
    // expect: tidemark::read_checkpoint: the records cannot be saved, so there is no checkpoint of them
    auto made = rdd_context().read_checkpoint<opaque>("state/rdd-1");
#else
    auto made = saved_words() | tidemark::persist(level::memory_only) | tidemark::persist() | tidemark::checkpoint()
              | tidemark::map(size) | tidemark::local_checkpoint();
    tidemark::unpersist(opaques() | tidemark::cache());
    static_cast<void>(rdd_context().read_checkpoint<std::string>("state/rdd-1"));
#endif
    static_cast<void>(made);
}
