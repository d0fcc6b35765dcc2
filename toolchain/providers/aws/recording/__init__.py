"""Recording: the state of a stack is made without AWS, from the inputs and from what is made up.

It is what a change is previewed against where nobody has credentials. An update in this mode asks
nothing and makes nothing: no endpoint is needed, and the state that comes of it is of no other use.

What AWS would add to the inputs is made up of the resource's URN, its inputs and the types that the
SDK declares. It is the same in every run, and has the form that programs rely on: an ARN can be taken
apart, a list can be asked for its first element.
"""
