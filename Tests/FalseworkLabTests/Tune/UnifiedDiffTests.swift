// SPDX-License-Identifier: Apache-2.0
import FalseworkLab
import Testing

@Suite struct UnifiedDiffTests {
  @Test(arguments: [
    ("a\nb\n", "a\nb\n", ""),
    ("a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"),
    ("a\n", "a\nb\n", "@@ -1 +1,2 @@\n a\n+b\n"),
    ("a\nb\n", "b\n", "@@ -1,2 +1 @@\n-a\n b\n"),
    ("", "a\n", "@@ -0,0 +1 @@\n+a\n"),
    // Far apart are two hunks, close together is one.
    (
      "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "x\n2\n3\n4\n5\n6\n7\n8\ny\n",
      "@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n"
    ),
    (
      "1\n2\n3\n4\n5\n", "x\n2\n3\n4\ny\n",
      "@@ -1,5 +1,5 @@\n-1\n+x\n 2\n 3\n 4\n-5\n+y\n"
    ),
  ])
  func `changed lines stand in hunks as diff -u writes them`(
    old: String, new: String, hunks: String
  ) {
    let head = hunks.isEmpty ? "" : "--- a/f\n+++ b/f\n"
    #expect(UnifiedDiff.text(old, new, name: "f") == head + hunks)
  }
}
