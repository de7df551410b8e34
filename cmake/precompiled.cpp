// SPDX-License-Identifier: Apache-2.0
// Precompiled headers need a target to belong to (precompiled.cmake), and a target a file.
int main() { return 0; }
