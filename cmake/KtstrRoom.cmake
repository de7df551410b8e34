# ktstr_add_room(NAME [LINK lib ...] [PRIVATE lib ...])
# One room of the host (docs/architecture.md): every .cpp of this folder in one static library ktstr-NAME. What a room links is what it may
# include; tests/house/include_rules.py holds it to that.
function(ktstr_add_room name)
  cmake_parse_arguments(arg "" "" "LINK;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  add_library(ktstr-${name} STATIC ${sources})
  target_include_directories(ktstr-${name} PUBLIC "${CMAKE_SOURCE_DIR}/host")
  target_link_libraries(ktstr-${name} PUBLIC ${arg_LINK} PRIVATE ${arg_PRIVATE})
endfunction()
