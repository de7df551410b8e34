# ktstr_archive_or_shared(NAME SHARED_TARGET ARCHIVE)
# A target ktstr-NAME for a library that both ktstr and somebody's plugin may use, each in a version of its own. The program ktstr (whose
# property KTSTR_ARCHIVES is set) takes it as an archive: what a program loads as a shared library comes before what its plugins bring along.
# Everybody else takes SHARED_TARGET, as does ktstr where the archive is not installed, or is not all of it: RE2 of newer releases needs Abseil.
function(ktstr_archive_or_shared name shared archive)
  find_library(KTSTR_ARCHIVE_${name} NAMES "lib${archive}.a")
  mark_as_advanced(KTSTR_ARCHIVE_${name})
  add_library(ktstr-${name} INTERFACE)
  set(parts 1)
  if(shared MATCHES "^PkgConfig::(.*)")
    list(LENGTH ${CMAKE_MATCH_1}_LIBRARIES parts)
  endif()
  if(KTSTR_ARCHIVE_${name} AND parts EQUAL 1)
    target_link_libraries(ktstr-${name} INTERFACE
      "$<IF:$<BOOL:$<TARGET_PROPERTY:KTSTR_ARCHIVES>>,${KTSTR_ARCHIVE_${name}},${shared}>")
  else()
    message(STATUS "lib${archive}.a is not installed, or needs more than itself: a plugin that brings its own ${name} along gets ktstr's")
    target_link_libraries(ktstr-${name} INTERFACE ${shared})
  endif()
endfunction()
