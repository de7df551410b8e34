# ktstr_add_plugin(TARGET
#   ID org.example.gate-x  VERSION 1.0.0  VENDOR "Example Inc"  LICENSE Apache-2.0
#   PROVIDES "ktstr.gate/1|x|one line about it" [...]      a fourth field: the minor of the ABI that it needs
#   SOURCES a.cpp [...]  [LINK lib ...]  [METRICS rows.json]  [EXPLORE bounds.json]  [OUTPUT_DIRECTORY dir])
#
# The macro KTSTR_PLUGIN_VERSION holds VERSION, so that the code cannot disagree with the manifest.
#
# METRICS is a JSON array of the metrics that a runner has beyond the built-in ones; the manifest takes it up.
# EXPLORE is a JSON object that says what of a runner's tests may vary (docs/explore.md); likewise.
#
# Builds a plugin the way the ABI wants it: a module with one exported symbol, everything resolved at link time, and its
# manifest TARGET.ktstr-plugin.json generated beside it. Used by ktstr's own plugins and, through find_package(ktstr-sdk),
# by everybody else's.
set(KTSTR_PLUGIN_CMAKE_DIR "${CMAKE_CURRENT_LIST_DIR}" CACHE INTERNAL "where plugin.map lies")

function(ktstr_add_plugin target)
  cmake_parse_arguments(arg "" "ID;VERSION;VENDOR;LICENSE;METRICS;EXPLORE;OUTPUT_DIRECTORY" "PROVIDES;SOURCES;LINK" ${ARGN})
  foreach(required ID VERSION VENDOR LICENSE PROVIDES SOURCES)
    if(NOT arg_${required})
      message(FATAL_ERROR "ktstr_add_plugin(${target}): ${required} is missing")
    endif()
  endforeach()
  if(NOT arg_OUTPUT_DIRECTORY)
    if(KTSTR_PLUGIN_OUTPUT_DIR)
      set(arg_OUTPUT_DIRECTORY "${KTSTR_PLUGIN_OUTPUT_DIR}")
    else()
      set(arg_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
    endif()
  endif()

  add_library(${target} MODULE ${arg_SOURCES})
  target_compile_definitions(${target} PRIVATE KTSTR_PLUGIN_VERSION="${arg_VERSION}")
  target_link_libraries(${target} PRIVATE ktstr::sdk ${arg_LINK})
  set_target_properties(${target} PROPERTIES
    PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY "${arg_OUTPUT_DIRECTORY}"
    LINK_DEPENDS "${KTSTR_PLUGIN_CMAKE_DIR}/plugin.map")
  target_link_options(${target} PRIVATE "-Wl,--version-script=${KTSTR_PLUGIN_CMAKE_DIR}/plugin.map" -Wl,-z,relro,-z,now)
  if(NOT KTSTR_SANITIZE) # a sanitizer's runtime lives in the executable, so its symbols are undefined here
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()

  set(metrics "")
  if(arg_METRICS)
    file(READ "${arg_METRICS}" metrics)
    string(STRIP "${metrics}" metrics)
    set(metrics ", \"metrics\": ${metrics}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${arg_METRICS}")
  endif()

  if(arg_EXPLORE)
    file(READ "${arg_EXPLORE}" explore)
    string(STRIP "${explore}" explore)
    string(APPEND metrics ", \"explore\": ${explore}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${arg_EXPLORE}")
  endif()

  set(provides "")
  foreach(row IN LISTS arg_PROVIDES)
    string(REPLACE "|" ";" fields "${row}")
    list(LENGTH fields count)
    if(count LESS 3 OR count GREATER 4)
      message(FATAL_ERROR "ktstr_add_plugin(${target}): PROVIDES wants \"interface|name|summary[|min_minor]\", got \"${row}\"")
    endif()
    list(GET fields 0 interface)
    list(GET fields 1 name)
    list(GET fields 2 summary)
    if(provides)
      string(APPEND provides ",")
    endif()
    string(APPEND provides "\n    {\"interface\": \"${interface}\", \"name\": \"${name}\", \"summary\": \"${summary}\"")
    if(count EQUAL 4)
      list(GET fields 3 min_minor)
      string(APPEND provides ", \"min_minor\": ${min_minor}")
    endif()
    if(interface MATCHES "^ktstr\\.runner/")
      string(APPEND provides "${metrics}")
    endif()
    string(APPEND provides "}")
  endforeach()
  set(manifest "${arg_OUTPUT_DIRECTORY}/${target}.ktstr-plugin.json")
  file(GENERATE OUTPUT "${manifest}" CONTENT "{
  \"manifest\": 1,
  \"id\": \"${arg_ID}\",
  \"version\": \"${arg_VERSION}\",
  \"library\": \"$<TARGET_FILE_NAME:${target}>\",
  \"abi\": {\"major\": 1},
  \"arch\": \"${CMAKE_SYSTEM_PROCESSOR}\",
  \"vendor\": \"${arg_VENDOR}\",
  \"license\": \"${arg_LICENSE}\",
  \"provides\": [${provides}
  ]
}
" FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  set_target_properties(${target} PROPERTIES KTSTR_MANIFEST "${manifest}")
endfunction()

# Installs a plugin and its manifest where an installed ktstr looks.
function(ktstr_install_plugin target)
  get_target_property(manifest ${target} KTSTR_MANIFEST)
  install(TARGETS ${target} LIBRARY DESTINATION "lib/ktstr/plugins/v1")
  install(FILES "${manifest}" DESTINATION "lib/ktstr/plugins/v1")
endfunction()
