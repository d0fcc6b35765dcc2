"""A small production stack on AWS that keeps every rule."""

import json
from typing import Any, Final

from tests.policies.aws_parts import ACCOUNT, KEY, allow, aws, document, trust
from tests.policies.aws_stores import kept, stores
from tests.policies.world import Declared

ADMIN: Final = f"arn:aws:iam::{ACCOUNT}:role/platform-admin"
ISSUER: Final = "oidc.eks.eu-central-1.amazonaws.com/id/0A1B2C3D"
KUBECONFIG: Final = json.dumps(
    {"users": [{"user": {"exec": {"command": "aws", "args": ["eks", "get-token"]}}}]}
)
OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "require-named-admins": {"principals": [ADMIN]},
    "require-allowed-chart": {"repositories": ["https://charts.example.com/stable"]},
}
"""What an environment tells the rules that name nobody by themselves."""


def aws_world() -> dict[str, Declared]:
    """A network, a cluster with nodes, a balancer, stores with backups, and an add-on by Helm."""
    return {
        "stack": Declared("pulumi:pulumi:Stack", {}),
        "aws-provider": Declared(
            "pulumi:providers:aws",
            {
                "region": "eu-central-1",
                "defaultTags": json.dumps(
                    {"tags": {"project": "a", "environment": "prod", "platform": "agents"}}
                ),
            },
        ),
        "kubernetes-provider": Declared("pulumi:providers:kubernetes", {"kubeconfig": KUBECONFIG}),
        **_network(),
        **_cluster(),
        **_nodes(),
        **_balancer(),
        **_targets(),
        **stores(),
        **kept(),
        "release": Declared(
            "kubernetes:helm.sh/v3:Release",
            {
                "chart": "external-secrets",
                "version": "0.20.1",
                "namespace": "external-secrets",
                "repositoryOpts": {"repo": "https://charts.example.com/stable"},
                "values": {
                    "image": {"tag": "v0.20.1"},
                    "securityContext": {"runAsNonRoot": True, "runAsUser": 1000},
                    "tolerations": [{"key": "system"}],
                    "webhook": {"replicaCount": 2, "podDisruptionBudget": {"enabled": True}},
                },
            },
        ),
    }


def _network() -> dict[str, Declared]:
    made = {
        "vpc": aws("ec2/vpc:Vpc", cidrBlock="10.20.0.0/16"),
        "closed-group": aws(
            "ec2/defaultSecurityGroup:DefaultSecurityGroup",
            {"vpcId": ("vpc",)},
            vpcId="vpc-1",
            ingress=[],
            egress=[],
        ),
        "gateway-out": aws("ec2/internetGateway:InternetGateway", {"vpcId": ("vpc",)}),
        "nat": aws("ec2/natGateway:NatGateway", {"subnetId": ("public-subnet",)}),
        "flow-log": aws(
            "ec2/flowLog:FlowLog", {"vpcId": ("vpc",)}, vpcId="vpc-1", trafficType="ALL"
        ),
        "flow-role": aws(
            "iam/role:Role",
            assumeRolePolicy=trust(
                {"Service": "vpc-flow-logs.amazonaws.com"},
                StringEquals={"aws:SourceAccount": ACCOUNT},
            ),
        ),
        "flow-policy": aws(
            "iam/rolePolicy:RolePolicy",
            {"role": ("flow-role",)},
            policy=document(allow(["logs:PutLogEvents"], "arn:aws:logs:*:*:log-group:flows:*")),
        ),
    }
    for tier, way_out in (("public", "gatewayId"), ("private", "natGatewayId")):
        subnet, table = f"{tier}-subnet", f"{tier}-table"
        made |= {
            subnet: aws(
                "ec2/subnet:Subnet", {"vpcId": ("vpc",)}, vpcId="vpc-1", mapPublicIpOnLaunch=False
            ),
            table: aws("ec2/routeTable:RouteTable", {"vpcId": ("vpc",)}, vpcId="vpc-1"),
            f"{tier}-route": aws(
                "ec2/route:Route",
                {"routeTableId": (table,)},
                routeTableId=f"rtb-{tier}",
                **{way_out: f"way-{tier}"},
            ),
            f"{tier}-association": aws(
                "ec2/routeTableAssociation:RouteTableAssociation",
                {"subnetId": (subnet,), "routeTableId": (table,)},
                subnetId=subnet,
                routeTableId=f"rtb-{tier}",
            ),
        }
    return made


def _cluster() -> dict[str, Declared]:
    def addon(name: str, **values: object) -> Declared:
        return aws(
            "eks/addon:Addon",
            {"clusterName": ("cluster",)},
            addonName=name,
            clusterName="agents",
            configurationValues=json.dumps(values),
        )

    return {
        "cluster": aws(
            "eks/cluster:Cluster",
            {"encryptionConfig": ("key",)},
            name="agents",
            version="1.34",
            deletionProtection=True,
            enabledClusterLogTypes=[
                "api",
                "audit",
                "authenticator",
                "controllerManager",
                "scheduler",
            ],
            vpcConfig={"endpointPrivateAccess": True, "endpointPublicAccess": False},
            encryptionConfig={"resources": ["secrets"], "provider": {"keyArn": KEY}},
            accessConfig={
                "authenticationMode": "API",
                "bootstrapClusterCreatorAdminPermissions": False,
            },
        ),
        "cluster-log": aws(
            "cloudwatch/logGroup:LogGroup",
            {"kmsKeyId": ("key",)},
            name="/aws/eks/agents/cluster",
            kmsKeyId=KEY,
            retentionInDays=365,
        ),
        "cni": addon("vpc-cni", enableNetworkPolicy="true"),
        "identity-agent": addon("eks-pod-identity-agent"),
        "entry": aws("eks/accessEntry:AccessEntry", kubernetesGroups=["operators"]),
        "admin": aws(
            "eks/accessPolicyAssociation:AccessPolicyAssociation",
            principalArn=ADMIN,
            policyArn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        ),
        "pod-role": aws(
            "iam/role:Role",
            assumeRolePolicy=trust(
                {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"},
                StringEquals={
                    f"{ISSUER}:sub": "system:serviceaccount:research:planner",
                    f"{ISSUER}:aud": "sts.amazonaws.com",
                },
            ),
        ),
    }


def _nodes() -> dict[str, Declared]:
    return {
        "template": aws(
            "ec2/launchTemplate:LaunchTemplate",
            {"blockDeviceMappings": ("key",)},
            metadataOptions={"httpTokens": "required", "httpPutResponseHopLimit": 1},
            blockDeviceMappings=[
                {"deviceName": "/dev/xvda", "ebs": {"encrypted": "true", "kmsKeyId": KEY}},
                {"deviceName": "/dev/xvdb", "ebs": {"encrypted": "true", "volumeSize": 50}},
            ],
            networkInterfaces=[{"associatePublicIpAddress": "false"}],
        ),
        "nodes": aws(
            "eks/nodeGroup:NodeGroup",
            {"launchTemplate": ("template",), "subnetIds": ("private-subnet",)},
            amiType="BOTTLEROCKET_ARM_64",
            instanceTypes=["m7g.large"],
            scalingConfig={"desiredSize": 3, "minSize": 3, "maxSize": 6},
            launchTemplate={"id": "lt-1", "version": "1"},
            subnetIds=["subnet-private"],
        ),
        "node-role-read": aws(
            "iam/rolePolicyAttachment:RolePolicyAttachment",
            policyArn="arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
        ),
    }


def _balancer() -> dict[str, Declared]:
    listener = {"loadBalancerArn": ("balancer",)}
    return {
        "balancer-group": aws(
            "ec2/securityGroup:SecurityGroup", {"vpcId": ("vpc",)}, vpcId="vpc-1"
        ),
        "balancer-open": aws(
            "vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            {"securityGroupId": ("balancer-group",)},
            securityGroupId="sg-1",
            ipProtocol="tcp",
            fromPort=443,
            toPort=443,
            cidrIpv4="0.0.0.0/0",
        ),
        "balancer": aws(
            "lb/loadBalancer:LoadBalancer",
            {"securityGroups": ("balancer-group",)},
            loadBalancerType="application",
            internal=False,
            securityGroups=["sg-1"],
            subnets=["subnet-1", "subnet-2", "subnet-3"],
            dropInvalidHeaderFields=True,
            enableDeletionProtection=True,
            accessLogs={"bucket": "agents-logs", "enabled": True},
        ),
        "listener": aws(
            "lb/listener:Listener",
            listener,
            loadBalancerArn="arn:balancer",
            protocol="HTTPS",
            port=443,
            sslPolicy="ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
            defaultActions=[{"type": "fixed-response", "fixedResponse": {"statusCode": "404"}}],
        ),
        "plain-listener": aws(
            "lb/listener:Listener",
            listener,
            loadBalancerArn="arn:balancer",
            protocol="HTTP",
            port=80,
            defaultActions=[
                {"type": "redirect", "redirect": {"protocol": "HTTPS", "statusCode": "HTTP_301"}}
            ],
        ),
        "listener-rule": aws(
            "lb/listenerRule:ListenerRule", {"listenerArn": ("listener",)}, listenerArn="arn:https"
        ),
    }


def _targets() -> dict[str, Declared]:
    return {
        "targets": aws(
            "lb/targetGroup:TargetGroup",
            targetType="ip",
            healthCheck={"enabled": True, "path": "/ping", "protocol": "HTTP"},
        ),
        "firewall": aws("wafv2/webAcl:WebAcl", rules=[{"name": "rate", "priority": 1}]),
        "firewall-association": aws(
            "wafv2/webAclAssociation:WebAclAssociation",
            {"resourceArn": ("balancer",), "webAclArn": ("firewall",)},
            resourceArn="arn:balancer",
            webAclArn="arn:firewall",
        ),
    }
