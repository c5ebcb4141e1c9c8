// Waits for the site and opens the page again. Asks this site's edge for the status, never the origin.
// The same for every language and state, since the policy allows it by its hash: texts are in attributes.
(d=>{
const box=d.getElementById("w"),[line,button]=box.children,say=box.dataset,copy=d.getElementById("k")
say.wait=line.textContent
say.stop=button.textContent
// Whole, since "//name" alone is another site; without the fragment, else replace() would only scroll.
const here=location.href.split("#")[0]
let timer,due,on=1,blank=0,last=0,first=Date.now(),asked=0
// One tab remembers for an hour how often it asked: a page that keeps failing is asked for more rarely.
try{const[t,n]=JSON.parse(sessionStorage.backsoon)
if(first-t<36e5){first=t;asked=n}}catch{}
const show=id=>{if(line.textContent!=say[id])line.textContent=say[id]}
// For ten minutes about every 45 s at most, then slower; never twice the same, so that tabs spread out.
const pause=n=>(800+400*Math.random())*Math.min(3600,n<8?10+5*n:n<17?45:45*1.4**(n-16))
const later=ms=>{clearTimeout(timer);timer=setTimeout(ask,ms)}
const full=()=>asked>29?Math.max(0,first+36e5-Date.now()):0
const ask=async()=>{
if(!navigator.onLine)show("drop")
if(due=d.hidden||!navigator.onLine)return
if(full())return later(full())
last=Date.now()
asked++
try{sessionStorage.backsoon=JSON.stringify([first,asked])}catch{}
let text="drop",up
try{
const answer=await fetch("/.well-known/backsoon/status",{cache:"no-store",credentials:"omit",redirect:"manual",signal:AbortSignal.timeout?.(1e4)})
const body=await answer.text()
text="odd"
const{state}=JSON.parse(body)
// An edge that has just begun knows nothing: the second time, look for ourselves.
up=state=="up"||state=="unknown"&&blank++
if(/^(rescuing|down|unknown)$/.test(state))text="wait"
}catch{}
if(!on)return
if(!up){show(text);return later(pause(asked))}
show("up")
d.title=say.up
// A form is never opened again by itself, and the others not all at once.
if("form"in say)button.hidden=1
else timer=setTimeout(()=>location.replace(here),12e3*Math.random())
}
const look=()=>{if(on&&(due||Date.now()-last>3e4)&&!d.hidden&&navigator.onLine)later(4e3*Math.random())}
d.addEventListener("visibilitychange",look)
addEventListener("online",look)
addEventListener("offline",()=>on&&show("drop"))
button.onclick=()=>{
on=!on
clearTimeout(timer)
button.textContent=on?say.stop:say.start
show(on?"wait":"off")
if(on)later(pause(asked))
}
for(const t of d.querySelectorAll("time"))t.textContent=new Date(t.dateTime).toLocaleString(d.documentElement.lang,{dateStyle:"medium",timeStyle:"short"})
if(navigator.clipboard){
copy.hidden=0
copy.onclick=()=>navigator.clipboard.writeText(copy.previousSibling.innerText).then(()=>copy.textContent=say.copied)
}
box.hidden=0
later(pause(asked))
})(document)
