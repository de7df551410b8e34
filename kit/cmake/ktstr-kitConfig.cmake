# find_package(ktstr-kit) gives ktstr::kit-stats and its siblings: static libraries, built by the compiler that built ktstr.
include(CMakeFindDependencyMacro)
find_dependency(OpenSSL COMPONENTS Crypto)
include("${CMAKE_CURRENT_LIST_DIR}/ktstr-kit-targets.cmake")
