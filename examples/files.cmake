# SPDX-License-Identifier: BSL-1.0
#
# Written by scripts/list-files.

set(tidemark_examples
    custom_source.cpp
    first_program.cpp
    operators/accumulator.cpp
    operators/broadcast.cpp
    operators/count.cpp
    operators/filter.cpp
    operators/flat_map.cpp
    operators/map.cpp
    operators/map_partitions.cpp
    operators/map_values.cpp
    operators/map_with_state.cpp
    operators/rate_stream.cpp
    operators/reduce_by_key.cpp
    operators/save_as_object_files.cpp
    operators/state_snapshots.cpp
    operators/text_file.cpp
    operators/union_.cpp
    operators/update_state_by_key.cpp
    operators/window.cpp
    state_types.cpp
    testing_a_pipeline.cpp
    video_hits.cpp
    word_count.cpp
)
