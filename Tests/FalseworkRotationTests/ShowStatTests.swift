// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkRotation

@Suite struct ShowStatTests {
  @Test func `columns are found by name, wherever they stand`() {
    let a = ShowStat("# pxname,svname,scur,status,\nkeystone,k1,3,UP,\n")
    let b = ShowStat("# pxname,svname,qcur,status,new,scur,\nkeystone,k1,0,UP,x,3,\n")
    for stat in [a, b] {
      #expect(stat.value("scur", of: "keystone/k1") == "3")
      #expect(stat.value("status", of: "keystone/k1") == "UP")
    }
  }

  @Test func `a server is found by both of its names`() {
    let stat = ShowStat(
      "# pxname,svname,scur,\na,k1,1,\nb,k1,2,\na,k2,3,\na,BACKEND,9,\nb,FRONTEND,8,\n")
    #expect(stat.value("scur", of: "a/k1") == "1")
    #expect(stat.value("scur", of: "b/k1") == "2")
    #expect(stat.value("scur", of: "a/k2") == "3")
    #expect(stat.value("scur", of: "b/k2") == nil)
  }

  @Test func `cells may be quoted, with commas and doubled quotes inside`() {
    let stat = ShowStat(
      #"""
      # pxname,svname,last_chk,desc,none,status,
      keystone,"k1","HTTP status, check ""200"", ok","""",,UP,
      """#)
    #expect(stat.value("last_chk", of: "keystone/k1") == #"HTTP status, check "200", ok"#)
    #expect(stat.value("desc", of: "keystone/k1") == "\"")
    #expect(stat.value("none", of: "keystone/k1") == "")
    #expect(stat.value("status", of: "keystone/k1") == "UP")
  }

  @Test(arguments: [
    "", "\n", "Unknown command: 'show stat'\n", "# pxname,svname,scur,\n",
    "# pxname,svname,scur,\nkeystone,k1\n", "keystone,k1,3,UP,\n",
    "# pxname,svname,\nkeystone,k1,\n",
  ]) func `what is not there has no value`(reply: String) {
    #expect(ShowStat(reply).value("scur", of: "keystone/k1") == nil)
  }

  @Test(arguments: ["k1", "", "/", "keystone/"]) func `a name that is not whole finds nothing`(
    name: String
  ) {
    #expect(ShowStat("# pxname,svname,scur,\nkeystone,k1,3,\n").value("scur", of: name) == nil)
  }

  @Test func `the reply of HAProxy 2 6 is read`() {
    // As 2.6.12 gave it, cut to its first 19 columns and to two of the others.
    let stat = ShowStat(
      """
      # pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,\
      wredis,status,weight,check_status,check_desc,
      keystone_service,FRONTEND,,,0,0,9985,0,0,0,0,0,0,,,,,OPEN,,,,
      keystone,k1,0,0,0,0,,0,0,0,,0,,0,0,0,0,DOWN,1,L4CON,Layer4 connection problem,
      keystone,k2,0,0,0,0,,0,0,0,,0,,0,0,0,0,MAINT,1,,,
      keystone,BACKEND,0,0,0,0,999,0,0,0,0,0,,0,0,0,0,DOWN,0,,,

      """)
    #expect(stat.value("scur", of: "keystone/k1") == "0")
    #expect(stat.value("status", of: "keystone/k1") == "DOWN")
    #expect(stat.value("status", of: "keystone/k2") == "MAINT")
    #expect(stat.value("check_desc", of: "keystone/k1") == "Layer4 connection problem")
  }
}
