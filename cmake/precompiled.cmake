# ktstr_precompile(TARGET SET): what nearly every file of the target includes (the standard library, Boost.JSON, and for tests GoogleTest) is
# parsed once for all targets of the same SET instead of once for each, which is a third of a build's time. A compiler takes only what was made with
# the same options, hence a set for each: `room` (the host's libraries), `plugin` (hidden symbols), `test` (programs, not optimised).
# A file still includes what it uses: the sanitizers' and clang's builds precompile nothing, and would not compile it otherwise.
option(KTSTR_PRECOMPILE "Parse headers that most files include once (GCC, without sanitizers)" ON)
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU" OR KTSTR_SANITIZE)
  set(KTSTR_PRECOMPILE OFF)
endif()

# The compiler refuses headers that were made with other macros, whether a file has a use for them or not.
function(ktstr_take_precompiled_options target)
  find_package(Boost REQUIRED COMPONENTS json)
  target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:Boost::json,INTERFACE_COMPILE_DEFINITIONS>)
  target_compile_options(${target} PRIVATE -pthread -fpch-preprocess) # a macro of its own as well; for ccache
endfunction()

function(ktstr_precompile target set)
  if(NOT KTSTR_PRECOMPILE)
    return()
  endif()
  set(holder ktstr-headers-${set})
  if(NOT TARGET ${holder})
    set(headers <algorithm> <chrono> <filesystem> <functional> <map> <memory> <optional> <set> <string> <variant> <vector> <boost/json.hpp>)
    if(set STREQUAL "test")
      find_package(GTest REQUIRED)
      list(APPEND headers <gmock/gmock.h>)
      add_executable(${holder} EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/cmake/precompiled.cpp") # position-independent as programs are
      target_link_libraries(${holder} PRIVATE GTest::gmock)
      target_compile_options(${holder} PRIVATE $<$<CONFIG:Release>:-O0>)
    else()
      add_library(${holder} OBJECT EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/cmake/precompiled.cpp")
    endif()
    if(set STREQUAL "plugin")
      set_target_properties(${holder} PROPERTIES CXX_VISIBILITY_PRESET hidden)
    endif()
    ktstr_take_precompiled_options(${holder})
    target_precompile_headers(${holder} PRIVATE ${headers})
  endif()
  ktstr_take_precompiled_options(${target})
  target_precompile_headers(${target} REUSE_FROM ${holder})
endfunction()
