// SPDX-License-Identifier: Apache-2.0
#include "html/html_reporter.hpp"

namespace ktstr::reporters {

/// Without '<' and '&': it is text of XML too.
const char* const kHtmlStyle = R"css(
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--soft:#57606a;--line:#d0d7de;--zebra:#f6f8fa;
--red:#b3261e;--green:#176639;--amber:#7a4d00;--blue:#0a58ca}
@media (prefers-color-scheme:dark){:root{--bg:#11151a;--fg:#e6edf3;--soft:#a5b0bc;--line:#39424d;
--zebra:#1a2028;--red:#ff938a;--green:#6fdd9c;--amber:#f2c46d;--blue:#8fb8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}
main{max-width:76rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.15rem;margin:1.5rem 0 .5rem}
h3{font-size:1rem;margin:1rem 0 .25rem}
p,li,td,h1{overflow-wrap:anywhere}td.m{overflow-wrap:break-word}td:first-child{white-space:nowrap}
td.k{white-space:normal}
.pass{color:var(--green)}.fail{color:var(--red)}.inconclusive{color:var(--amber)}
.lead{font-size:1.1rem}.soft{color:var(--soft)}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;color:var(--soft);padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .5rem;border-bottom:1px solid var(--line)}
tbody tr:nth-child(even){background:var(--zebra)}
.n{font-variant-numeric:tabular-nums;white-space:nowrap}
td.worse{color:var(--red);font-weight:600}td.better{color:var(--green)}td.unsure{color:var(--amber)}
svg{width:240px;min-width:180px;max-width:100%;height:auto;display:block}
svg text{font:10px system-ui,sans-serif;fill:var(--soft)}svg .e{text-anchor:end}
svg .a{stroke:var(--line)}svg .i{stroke:var(--blue);stroke-width:2}
svg .t{fill:none;stroke:var(--soft)}svg .r{stroke:var(--line);stroke-width:3}svg .p{fill:var(--soft)}
svg .b{fill:none;stroke:var(--fg);stroke-width:1.5}svg .h{fill:var(--blue)}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--zebra);border:1px solid var(--line);
padding:.5rem;margin:.25rem 0 1rem}
summary{cursor:pointer;padding:.4rem 0;font-weight:600}
@media (max-width:700px){
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,caption,tbody,tr,td{display:block;width:100%}
tr{padding:.5rem;border:1px solid var(--line);border-radius:6px;margin:.5rem 0}
td{border:0;padding:.1rem 0}td:empty{display:none}
td::before{content:attr(data-label) ": ";color:var(--soft);font-weight:400}
}
@media print{
:root{--bg:#fff;--fg:#000;--soft:#333;--line:#999;--zebra:#f2f2f2;--red:#8c1d18;--green:#0f4d2a;
--amber:#5c3a00;--blue:#0a3f91}
main{max-width:none;padding:0}tr,pre,svg{break-inside:avoid}h2,summary,caption,thead{break-after:avoid}
table{font-size:.7rem}th,td{padding:.2rem .3rem}td:nth-child(3){min-width:7.5rem}
svg{width:10rem;max-width:none}
details::details-content{content-visibility:visible;block-size:auto}
}
)css";

}  // namespace ktstr::reporters
