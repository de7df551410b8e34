# find_package(ktstr-sdk 1 REQUIRED) gives ktstr::sdk (headers) and ktstr_add_plugin().
include("${CMAKE_CURRENT_LIST_DIR}/ktstr-sdk-targets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/KtstrPlugin.cmake")
