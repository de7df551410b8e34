# KTSTR_SANITIZE=address,undefined or thread, for everything but the guest agent (which is static).
if(KTSTR_FUZZ) # clang only
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
if(KTSTR_SANITIZE)
  add_compile_options(-fsanitize=${KTSTR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${KTSTR_SANITIZE})
endif()
