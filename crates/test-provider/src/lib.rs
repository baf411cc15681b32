#![doc = "An OpenID Provider as a pure function, with a switch for each way in which one can misbehave."]
