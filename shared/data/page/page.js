// Waits for the site and opens the page again. Asks this site's edge for the status, never the origin.
// The same for every language and state, since the policy allows it by its hash: texts are in attributes.
// The build gives every name that begins with $ one letter.
($d=>{
const $box=$d.getElementById("w"),[$line,$button]=$box.children,$say=$box.dataset
$say.wait=$line.textContent
$say.stop=$button.textContent
// Whole, since "//name" alone is another site; without the fragment, else replace() would only scroll.
const $here=location.href.split("#")[0]
let $timer,$due,$on=1,$blank=0,$first=Date.now(),$last=$first,$asked=0
// One tab remembers for an hour how often it asked: a page that keeps failing is asked for more rarely.
try{const[$t,$n]=JSON.parse(`[${sessionStorage.backsoon}]`)
if($first-$t<36e5)$first=$t,$asked=$n}catch{}
const $away=()=>$d.hidden||!navigator.onLine
const $show=$id=>{if($line.textContent!=$say[$id])$line.textContent=$say[$id]}
const $later=$ms=>{clearTimeout($timer);$timer=setTimeout($ask,$ms)}
// For ten minutes every 45 s at most, then slower, after 30 times an hour or more; never twice the same,
// so that tabs spread out.
const $next=()=>$later((800+400*Math.random())*Math.min(4500,$asked<8?10+5*$asked:$asked<17?45:45*1.4**($asked-16)))
const $ask=async()=>{
if(!navigator.onLine)$show("drop")
if($due=$away())return
$last=Date.now()
$asked++
try{sessionStorage.backsoon=[$first,$asked]}catch{}
let $text="drop",$up
try{
const $answer=await fetch("/.well-known/backsoon/status",{cache:"no-store",redirect:"manual",signal:AbortSignal.timeout?.(1e4)}),$body=await $answer.text()
$text="odd"
const{state:$state}=JSON.parse($body)
// An edge that has just begun knows nothing: the second time, look for ourselves.
$up=$state=="up"||$state=="unknown"&&$blank++
if(/^(rescuing|down|unknown)$/.test($state))$text="wait"
}catch{}
if(!$on)return
$show($up?"up":$text)
if(!$up)return $next()
$d.title=$say.up
// A form is never opened again by itself, and the others not all at once.
if("form"in $say)$button.hidden=1
else $timer=setTimeout(()=>location.replace($here),16e3*Math.random())
}
const $look=()=>{if($on&&($due||$asked<30&&Date.now()-$last>3e4)&&!$away())$later(4e3*Math.random())}
$d.addEventListener("visibilitychange",$look)
addEventListener("online",$look)
$button.onclick=()=>{
$on=!$on
clearTimeout($timer)
$button.textContent=$on?$say.stop:$say.start
$show($on?"wait":"off")
if($on)$next()
}
// The browser's own button to reload, too, then asks for the address instead of sending the form again.
if("form"in $say)history.replaceState(0,"")
$box.hidden=0
$next()
})(document)
